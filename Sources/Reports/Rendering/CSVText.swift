/// Comma-separated values (RFC 4180).
enum CSVText {
  /// The document: lines end in CR LF.
  static func text(_ rows: [[String]]) -> String {
    rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// A field, quoted where it must be; what a spreadsheet would take for a formula is made text.
  static func field(_ text: String) -> String {
    var text = VisibleText.line(text)
    let isNumber = Double(text) != nil
    if let first = text.utf8.first, "=+-@".utf8.contains(first), !isNumber { text = "'" + text }
    guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
    return "\"" + VisibleText.replacing(text) { $0 == "\"" ? "\"\"" : nil } + "\""
  }
}
