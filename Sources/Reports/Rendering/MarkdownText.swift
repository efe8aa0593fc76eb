/// Text for Markdown.
enum MarkdownText {
  /// Text that stays in its cell and is no markup, cut to a length that is for reading.
  static func cell(_ text: String) -> String {
    VisibleText.replacing(VisibleText.line(String(text.prefix(300)))) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "|", "`", "*", "_", "[", "]", "\\", "#", "~", "@": "\\\(scalar)"
      default: nil
      }
    }
  }
}
