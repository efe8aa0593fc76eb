/// Text for Markdown.
enum MarkdownText {
  /// Text that stays in its cell and is no markup, cut to a length that is for reading.
  static func cell(_ text: String) -> String {
    var output = ""
    for character in VisibleText.line(String(text.prefix(300))) {
      switch character {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "|", "`", "*", "_", "[", "]", "\\", "#", "~", "@": output += "\\\(character)"
      default: output.append(character)
      }
    }
    return output
  }
}
