/// A transcript in the case notation.
enum TranscriptText {
  /// `>` for what the suite sent, `<` for what the peer sent, `#` for what was noted.
  static func mark(_ entry: TranscriptEntry) -> String {
    switch entry.direction {
    case .sent: ">"
    case .received: "<"
    case .noted: "#"
    }
  }

  /// A link to a clause's text, when the section names an RFC.
  static func link(toSection section: String) -> String? {
    let words = section.split(whereSeparator: \.isWhitespace)
    guard words.count >= 2, words[0] == "RFC", words[1].allSatisfy(\.isASCIIDigit) else {
      return nil
    }
    let base = "https://www.rfc-editor.org/rfc/rfc\(words[1]).html"
    guard words.count >= 3, words[2].hasPrefix("§") else { return base }
    let number = words[2].dropFirst().prefix { $0.isASCIIDigit || $0 == "." }
    return number.isEmpty ? base : "\(base)#section-\(number)"
  }
}

extension Character {
  var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
