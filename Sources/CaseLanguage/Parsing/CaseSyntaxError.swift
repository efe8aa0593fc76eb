/// A mistake in a case file: where it is, and what was expected.
public struct CaseSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as it was named to the parser.
  public var path: String
  /// The line, from 1.
  public var line: Int
  /// The octet of the line, from 1.
  public var column: Int
  /// What is wrong, or what was expected.
  public var message: String

  /// A mistake at a place.
  public init(path: String, line: Int, column: Int, message: String) {
    self.path = path
    self.line = line
    self.column = column
    self.message = message
  }

  /// The mistake as compilers say it: `path:line:column: error: message`.
  public var description: String { "\(path):\(line):\(column): error: \(message)" }
}
