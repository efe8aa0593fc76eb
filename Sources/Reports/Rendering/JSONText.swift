/// A JSON document that is written in an order and a layout of our choosing, which
/// `JSONEncoder` does not offer.
indirect enum JSONText: Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSONText])
  /// Members are written in the given order.
  case object([(String, JSONText)])

  static func == (left: JSONText, right: JSONText) -> Bool {
    left.text(indent: nil) == right.text(indent: nil)
  }

  /// Members by sorted keys, as the established suite writes them.
  static func sorted(_ members: [String: JSONText]) -> JSONText {
    .object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  static func optional(_ text: String?) -> JSONText { text.map { .string($0) } ?? .null }
  static func optional(_ number: Int?) -> JSONText { number.map { .int($0) } ?? .null }
  static func optional(_ number: Double?) -> JSONText { number.map { .double($0) } ?? .null }

  /// The document: on one line, or indented by so many spaces.
  ///
  /// Everything beyond ASCII, and `<`, `>`, `&` and `'` too, is escaped, so that it can stand in
  /// a page's script element.
  func text(indent: Int?) -> String {
    var output: [UInt8] = []
    write(to: &output, indent: indent, depth: 0)
    return String(decoding: output, as: UTF8.self)
  }

  func write(to output: inout [UInt8], indent: Int?, depth: Int) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .int(let value): output.append(contentsOf: String(value).utf8)
    case .double(let value): output.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
    case .string(let value): Self.write(value, to: &output)
    case .array(let elements):
      Self.write(elements, "[", "]", to: &output, indent, depth) { element, output in
        element.write(to: &output, indent: indent, depth: depth + 1)
      }
    case .object(let members):
      Self.write(members, "{", "}", to: &output, indent, depth) { member, output in
        Self.write(member.0, to: &output)
        output.append(contentsOf: (indent == nil ? ":" : ": ").utf8)
        member.1.write(to: &output, indent: indent, depth: depth + 1)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], _ opening: String, _ closing: String, to output: inout [UInt8],
    _ indent: Int?, _ depth: Int, each: (Element, inout [UInt8]) -> Void
  ) {
    output.append(contentsOf: opening.utf8)
    for (position, element) in elements.enumerated() {
      if position > 0 { output.append(0x2C) }
      breakLine(to: &output, indent, depth + 1)
      each(element, &output)
    }
    if !elements.isEmpty { breakLine(to: &output, indent, depth) }
    output.append(contentsOf: closing.utf8)
  }

  private static func breakLine(to output: inout [UInt8], _ indent: Int?, _ depth: Int) {
    guard let indent else { return }
    output.append(0x0A)
    output.append(contentsOf: repeatElement(0x20, count: indent * depth))
  }

  private static func write(_ text: String, to output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.utf8.count + 2)
    output.append(0x22)
    for unit in text.utf16 {
      switch unit {
      case 0x22: output.append(contentsOf: [0x5C, 0x22])
      case 0x5C: output.append(contentsOf: [0x5C, 0x5C])
      case 0x0A: output.append(contentsOf: [0x5C, 0x6E])
      case 0x0D: output.append(contentsOf: [0x5C, 0x72])
      case 0x09: output.append(contentsOf: [0x5C, 0x74])
      case 0x3C, 0x3E, 0x26, 0x27, 0..<0x20, 0x7F...:
        output.append(contentsOf: [0x5C, 0x75])
        let digits = String(unit, radix: 16)
        output.append(contentsOf: repeatElement(0x30, count: 4 - digits.count))
        output.append(contentsOf: digits.utf8)
      default: output.append(UInt8(unit))
      }
    }
    output.append(0x22)
  }
}
