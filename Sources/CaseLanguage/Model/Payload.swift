/// The description of some octets; megabytes of them cost nothing until they are asked for.
///
/// Two payloads are equal when they are described the same way: to compare what arrives, compare
/// octets.
public indirect enum Payload: Hashable, Sendable {
  /// These octets.
  case octets([UInt8])
  /// The unit over and over, cut to `count` octets.
  case repeated([UInt8], count: Int)
  /// One after the other; no part is empty or another concatenation.
  case concatenated([Payload])
  /// The units `range` of a corpus, read as a ring: octets of a binary corpus, code points of a text.
  case slice(CorpusName, Range<Int>)

  /// No octets.
  public static let empty = Payload.octets([])

  /// The UTF-8 of `text`.
  public static func text(_ text: String) -> Payload { .octets(Array(text.utf8)) }

  /// Whether there are no octets.
  public var isEmpty: Bool { count == 0 }

  /// The number of octets.
  ///
  /// - Complexity: O(1), but a slice of a text corpus has to be walked.
  public var count: Int {
    switch self {
    case .octets(let octets): octets.count
    case .repeated(_, let count): count
    case .concatenated(let parts): parts.reduce(0) { $0 + $1.count }
    case .slice(let name, let range): Corpus.named(name).slice(range).count
    }
  }

  /// The octets, made anew.
  public func bytes() -> [UInt8] {
    var output: [UInt8] = []
    append(to: &output)
    return output
  }

  /// Appends the octets to `output`.
  public func append(to output: inout [UInt8]) {
    switch self {
    case .octets(let octets): output.append(contentsOf: octets)
    case .repeated(let unit, let count):
      guard count > 0, let first = unit.first else { return }
      guard unit.count > 1 else {
        output.append(contentsOf: repeatElement(first, count: count))
        return
      }
      output.reserveCapacity(output.count + count)
      for _ in 0..<(count / unit.count) { output.append(contentsOf: unit) }
      output.append(contentsOf: unit[..<(count % unit.count)])
    case .concatenated(let parts):
      for part in parts { part.append(to: &output) }
    case .slice(let name, let range):
      output += Corpus.named(name).slice(range)
    }
  }

  /// Lends the octets; does not copy those that are written out.
  public func withBytes<Result, Failure: Error>(
    _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if case .octets(let octets) = self { return try body(octets.span) }
    let octets = bytes()
    return try body(octets.span)
  }

  /// `left`, then `right`.
  public static func + (left: Payload, right: Payload) -> Payload { .joined([left, right]) }
}
