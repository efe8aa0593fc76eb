/// One line of a case file, and where each of its octets stood before variables were filled in.
struct SourceText {
  let path: String
  let line: Int
  var octets: [UInt8]
  /// The column (from 1) of each octet; one more for the end of the line.
  var columns: [Int32]

  init(path: String, line: Int, octets: some Sequence<UInt8>) {
    self.path = path
    self.line = line
    self.octets = Array(octets)
    self.columns = (0...self.octets.count).map { Int32($0 + 1) }
  }

  func error(_ message: String, at index: Int = 0) -> CaseSyntaxError {
    let column = columns[min(max(index, 0), columns.count - 1)]
    return CaseSyntaxError(path: path, line: line, column: Int(column), message: message)
  }

  var isIndented: Bool { octets.first == .space || octets.first == .tab }
  var isBlank: Bool { octets.allSatisfy { $0 == .space || $0 == .tab } }

  /// The line without comment, and without white space at its end.
  func withoutComment() -> SourceText {
    var end = octets.count
    var isQuoted = false
    var index = 0
    while index < octets.count {
      let octet = octets[index]
      if isQuoted, octet == .backslash {
        index += 1
      } else if octet == .quote {
        isQuoted.toggle()
      } else if octet == .hash, !isQuoted, index == 0 || octets[index - 1].isBlank {
        end = index
        break
      }
      index += 1
    }
    while end > 0, octets[end - 1].isBlank { end -= 1 }
    var result = self
    result.octets.removeLast(octets.count - end)
    result.columns.removeLast(columns.count - 1 - end)
    return result
  }

  /// The line with each `{name}` replaced by what `value` has for it.
  func filled(
    in budget: inout ExpansionBudget, _ value: (String) -> [UInt8]?
  ) throws(CaseSyntaxError) -> SourceText {
    try budget.spend(octets.count + ExpansionBudget.costOfLine, at: self)
    guard octets.contains(.openBrace) else { return self }
    var result = self
    result.octets.removeAll(keepingCapacity: true)
    result.columns.removeAll(keepingCapacity: true)
    var index = 0
    while index < octets.count {
      if octets[index] == .backslash {
        // The brace of \u{…} opens no variable, and \\ is no beginning of it.
        let rest = octets[(index + 1)...]
        let end =
          rest.starts(with: [.u, .openBrace])
          ? rest.firstIndex(of: .closeBrace) ?? octets.count - 1
          : min(index + (rest.first == .backslash ? 1 : 0), octets.count - 1)
        for place in index...end {
          result.octets.append(octets[place])
          result.columns.append(columns[place])
        }
        index = end + 1
      } else if octets[index] == .openBrace {
        let name = octets[(index + 1)...].prefix { $0.isNamePart }
        let end = index + 1 + name.count
        guard !name.isEmpty, end < octets.count, octets[end] == .closeBrace else {
          throw error("expected {name}; a brace of its own is written \\x7b", at: index)
        }
        let text = String(decoding: name, as: UTF8.self)
        guard let replacement = value(text) else {
          throw error("nothing is named \(text) here", at: index + 1)
        }
        try budget.spend(replacement.count, at: self)
        result.octets += replacement
        result.columns += repeatElement(columns[index], count: replacement.count)
        index = end + 1
      } else {
        result.octets.append(octets[index])
        result.columns.append(columns[index])
        index += 1
      }
    }
    result.columns.append(columns[octets.count])
    guard result.octets.count <= ExpansionBudget.longestLine else {
      throw error("the line is longer than \(ExpansionBudget.longestLine) octets when filled in")
    }
    return result
  }
}

/// How much a file may still grow into: keeps a few lines from becoming gigabytes.
struct ExpansionBudget {
  static let longestLine = 65_536
  /// What a line costs beside its octets, so that many short ones end too.
  static let costOfLine = 64
  static let mostCases = 10_000
  static let mostSteps = 10_000
  private var octets = 32 << 20

  mutating func spend(_ count: Int, at text: SourceText) throws(CaseSyntaxError) {
    octets -= count
    guard octets >= 0 else { throw text.error("the file expands into more than 32 MiB") }
  }
}

extension UInt8 {
  static let tab: UInt8 = 0x09
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let hash: UInt8 = 0x23
  static let backslash: UInt8 = 0x5c
  static let u: UInt8 = 0x75
  static let bar: UInt8 = 0x7c
  static let openBrace: UInt8 = 0x7b
  static let closeBrace: UInt8 = 0x7d

  var isBlank: Bool { self == .space || self == .tab }
  var isLetter: Bool { (0x61...0x7a).contains(self | 0x20) }
  /// Whether a variable's name may contain this.
  var isNamePart: Bool { isLetter || isDigit || self == 0x2d || self == 0x5f }

  /// The value of this hexadecimal digit, or nil.
  var hexadecimalValue: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x37
    case 0x61...0x66: self - 0x57
    default: nil
    }
  }
}
