/// Text that gathers line by line, for a terminal or a log.
protocol TerminalOutput {
  /// Whether it may have colors.
  var isColored: Bool { get }
  /// What there is so far.
  var text: String { get set }
}

extension TerminalOutput {
  mutating func line(_ line: String = "") { text += line + "\n" }

  /// The text in a color, by its number in an SGR sequence of ECMA-48.
  func paint(_ text: String, _ code: String) -> String {
    isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
