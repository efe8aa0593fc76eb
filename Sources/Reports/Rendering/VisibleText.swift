/// Makes text from a peer harmless for a format, and what had to be changed visible.
public enum VisibleText {
  /// For XML 1.0 and HTML: markup escaped, and characters that XML forbids (controls, unpaired
  /// surrogates cannot occur, U+FFFE, U+FFFF) or that would be invisible or turn the line around
  /// shown as `␀`-style pictures or as `U+XXXX`.
  static func escaped(_ text: String) -> String {
    replacing(text) { scalar in
      switch scalar {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      case "'": "&#39;"
      case "\n", "\t": nil
      default: substitute(for: scalar)
      }
    }
  }

  /// The text with a replacement for each scalar that has one; what lies between goes over in one
  /// piece, so that long names cost little.
  ///
  /// Every format is escaped by it: a combining mark makes one `Character` of itself and the sign
  /// before it, and programs that read the format see that sign alone.
  static func replacing(
    _ text: String, _ replacement: (Unicode.Scalar) -> String?
  ) -> String {
    var output = ""
    output.reserveCapacity(text.utf8.count)
    let scalars = text.unicodeScalars
    var start = scalars.startIndex
    var index = start
    while index < scalars.endIndex {
      let next = scalars.index(after: index)
      if let replacement = replacement(scalars[index]) {
        output += text[start..<index]
        output += replacement
        start = next
      }
      index = next
    }
    output += text[start...]
    return output
  }

  /// The picture or number of a scalar that does not show itself; nil for one that does.
  private static func substitute(for scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x00..<0x20:
      return Unicode.Scalar(0x2400 + scalar.value).map { String($0) }
    case 0x7F:
      return "\u{2421}"
    case 0x80..<0xA0, 0xAD, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
      0xFFF9...0xFFFB:
      return "[U+\(hexadecimal(scalar.value))]"
    case let value where value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(value):
      return "[U+\(hexadecimal(value))]"
    default:
      return nil
    }
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Plain text in which nothing is invisible and lines stay lines.
  static func visible(_ text: String) -> String {
    replacing(text) { $0 == "\n" || $0 == "\t" ? nil : substitute(for: $0) }
  }

  /// For a fragment of a URL: everything but letters, digits and a few signs as `%NN`.
  static func percentEncoded(_ text: String) -> String {
    var output = ""
    for octet in text.utf8 {
      switch octet {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x2F, 0x5F, 0x7E:
        output.unicodeScalars.append(Unicode.Scalar(octet))
      default:
        output += "%" + PeerBytes([octet]).hexadecimal.uppercased()
      }
    }
    return output
  }

  /// One line of plain text for a terminal: no control character survives, so no escape sequence.
  public static func line(_ text: String) -> String {
    replacing(text) { scalar in
      switch scalar {
      case "\n", "\r": " ⏎ "
      case "\t": " "
      default: substitute(for: scalar)
      }
    }
  }
}
