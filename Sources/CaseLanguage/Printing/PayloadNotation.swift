extension Payload: CustomStringConvertible {
  /// The payload as a case file writes it.
  public var description: String {
    switch self {
    case .octets(let octets): PayloadNotation.literal(octets)
    case .repeated(let unit, let count):
      if count > unit.count, count.isMultiple(of: unit.count) {
        "\(count / unit.count)*\(PayloadNotation.literal(unit))"
      } else {
        "repeat(\(PayloadNotation.literal(unit)), \(count))"
      }
    case .concatenated(let parts): parts.map(\.description).joined(separator: " + ")
    case .slice(let name, let range):
      "corpus(\(name.rawValue))[\(range.lowerBound)..<\(range.upperBound)]"
    }
  }
}

/// How octets are written in case files and transcripts.
public enum PayloadNotation {
  /// `"text"` where the octets are text that can be shown, `hex:…` otherwise.
  ///
  /// Only printable ASCII, letters, digits and symbols of other scripts appear as they are, so the
  /// result may go to a terminal whatever a peer sent.
  public static func literal(_ octets: some Collection<UInt8>) -> String {
    guard let text = String(validating: octets, as: UTF8.self),
      octets.isEmpty || text.unicodeScalars.contains(where: \.isShownAsItIs)
    else { return hexadecimal(octets) }
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": literal += "\\\""
      case "\\": literal += "\\\\"
      case "\n": literal += "\\n"
      case "\r": literal += "\\r"
      case "\t": literal += "\\t"
      case let scalar where scalar.isShownAsItIs: literal.unicodeScalars.append(scalar)
      case let scalar where scalar.isASCII:
        literal += "\\x" + octet(UInt8(truncatingIfNeeded: scalar.value))
      case let scalar: literal += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return literal + "\""
  }

  /// `hex:de ad be ef`, in groups of four octets; for none `""`.
  public static func hexadecimal(_ octets: some Collection<UInt8>) -> String {
    guard !octets.isEmpty else { return "\"\"" }
    var text = "hex:"
    for (index, value) in octets.enumerated() {
      if index > 0, index.isMultiple(of: 4) { text += " " }
      text += octet(value)
    }
    return text
  }

  static func octet(_ value: UInt8) -> String {
    let digits = String(value, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
  }
}

extension Unicode.Scalar {
  /// Whether a literal shows this without an escape.
  fileprivate var isShownAsItIs: Bool {
    if isASCII { return (0x20...0x7e).contains(value) && self != "{" && self != "}" }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter, .decimalNumber,
      .otherNumber, .mathSymbol, .currencySymbol, .otherSymbol, .dashPunctuation,
      .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
      .otherPunctuation:
      return true
    default: return false
    }
  }
}
