import CaseLanguage
import HTTP

/// A head as it goes out: lines that need not be HTTP.
struct ComposedHead {
  /// A line behind the first.
  enum Line {
    /// A field.
    case field(name: String, value: [UInt8])
    /// Anything.
    case raw([UInt8])
  }

  /// The parts of the first line, in their order; none: there is no first line.
  private(set) var parts: [(part: HeadPart, octets: [UInt8])]
  /// The lines behind it.
  private(set) var lines: [Line]
  private var lineEnd: [UInt8] = [0x0d, 0x0a]
  private var isUnfinished = false
  private var elsewhere: [UInt8] = []

  /// A usual request.
  init(_ head: RequestHead) {
    parts = [
      (.method, Array(head.method.rawValue.utf8)), (.target, Array(head.target.utf8)),
      (.version, Array(head.version.description.utf8)),
    ]
    lines = head.fields.map { .field(name: $0.name.rawName, value: Array($0.value.utf8)) }
  }

  /// A usual response.
  init(_ head: ResponseHead) {
    parts = [
      (.version, Array(head.version.description.utf8)),
      (.status, Array("\(head.status.code) \(head.status.reasonPhrase)".utf8)),
    ]
    lines = head.fields.map { .field(name: $0.name.rawName, value: Array($0.value.utf8)) }
  }

  /// What `script` makes of the usual head.
  init(_ script: HeadScript, usual: ComposedHead, elsewhere: String = "") {
    self = usual
    self.elsewhere = Array(elsewhere.utf8)
    var usual = usual
    usual.elsewhere = self.elsewhere
    lineEnd = script.lineEnd.bytes()
    isUnfinished = script.isUnfinished
    if script.isBare { (parts, lines) = ([], []) }
    for edit in script.edits {
      switch edit {
      case .part(let part, let value):
        set(part, to: value.map { usual.octets(of: $0, by: part.rawValue) }, usual)
      case .field(let name, let value):
        set(name, to: value.map { usual.octets(of: $0, by: name) })
      case .addition(let name, let value):
        lines.append(.field(name: name, value: usual.octets(of: value, by: name)))
      case .line(let value): lines.append(.raw(usual.octets(of: value, by: "")))
      }
    }
  }

  /// The octets on the wire.
  var octets: [UInt8] {
    var octets: [UInt8] = []
    if !parts.isEmpty {
      octets += parts.map(\.octets).joined(separator: [0x20])
      octets += lineEnd
    }
    for line in lines {
      switch line {
      case .field(let name, let value):
        octets += Array(name.utf8) + [0x3a, 0x20] + value
      case .raw(let line): octets += line
      }
      octets += lineEnd
    }
    if !isUnfinished { octets += lineEnd }
    return octets
  }

  /// The values of all lines of a field, without white space around them.
  func values(of name: HTTPField.Name) -> [String] {
    lines.compactMap { line in
      guard case .field(let other, let value) = line,
        Syntax.isEqualIgnoringCase(other, name.rawName)
      else { return nil }
      return String(decoding: value.trimmingWhitespace(), as: UTF8.self)
    }
  }

  /// The status code that a reader of the first line finds; nil: none.
  var statusCode: Int? {
    guard let status = parts.first(where: { $0.part == .status })?.octets else { return nil }
    return Int(String(decoding: status.prefix { $0 != 0x20 }, as: UTF8.self))
  }

  // MARK: Changing

  private mutating func set(_ part: HeadPart, to octets: [UInt8]?, _ usual: ComposedHead) {
    let index = parts.firstIndex { $0.part == part }
    guard let octets else {
      if let index { parts.remove(at: index) }
      return
    }
    if let index {
      parts[index].octets = octets
    } else {
      // In a bare head the parts come back in their usual order.
      let order = usual.parts.map(\.part)
      parts.append((part, octets))
      parts.sort { (order.firstIndex(of: $0.part) ?? 0) < (order.firstIndex(of: $1.part) ?? 0) }
    }
  }

  private mutating func set(_ name: String, to value: [UInt8]?) {
    let first = lines.firstIndex { $0.isField(name) }
    if let value {
      let line = Line.field(name: name, value: value)
      if let first { lines[first] = line } else { lines.append(line) }
    }
    let kept = value == nil ? nil : first ?? lines.count - 1
    lines = lines.enumerated().filter { $0.offset == kept || !$0.element.isField(name) }
      .map(\.element)
  }

  /// The octets of a value that stands in the part or field named `name`.
  private func octets(of value: HeadValue, by name: String) -> [UInt8] {
    value.terms.flatMap { term in
      switch term {
      case .octets(let payload): return payload.bytes()
      case .elsewhere: return elsewhere
      case .usual(let other, let isLowercased):
        let octets = usualOctets(of: other ?? name)
        return isLowercased ? octets.map(Self.lowercased) : octets
      }
    }
  }

  private func usualOctets(of name: String) -> [UInt8] {
    if let part = parts.first(where: { $0.part.rawValue == name }) { return part.octets }
    for case .field(let other, let value) in lines where Syntax.isEqualIgnoringCase(other, name) {
      return value
    }
    return []
  }

  private static func lowercased(_ octet: UInt8) -> UInt8 {
    (0x41...0x5a).contains(octet) ? octet | 0x20 : octet
  }
}

extension ComposedHead.Line {
  fileprivate func isField(_ name: String) -> Bool {
    guard case .field(let other, _) = self else { return false }
    return Syntax.isEqualIgnoringCase(other, name)
  }
}

extension Array where Element == UInt8 {
  /// Without white space and line ends around it.
  fileprivate func trimmingWhitespace() -> ArraySlice<UInt8> {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d || $0 == 0x0a }
    var slice = drop(while: isSpace)
    while let last = slice.last, isSpace(last) { slice.removeLast() }
    return slice
  }
}
