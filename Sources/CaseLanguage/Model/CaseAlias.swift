/// The number of a case in another suite: `autobahn:2.5`.
public struct CaseAlias: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The suite: `autobahn`.
  public var suite: String
  /// The number in that suite: `2.5`.
  public var number: String

  /// The case `number` of `suite`.
  public init(suite: String, number: String) {
    self.suite = suite
    self.number = number
  }

  /// An alias written as `suite:number`; nil without a colon or with an empty half.
  public init?(_ text: some StringProtocol) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let suite = text[..<colon]
    let number = text[text.index(after: colon)...]
    guard !suite.isEmpty, !number.isEmpty else { return nil }
    self.init(suite: String(suite), number: String(number))
  }

  /// The alias as it is written: `autobahn:2.5`.
  public var description: String { "\(suite):\(number)" }

  /// By suite, then by number, where 2.10 comes after 2.9.
  public static func < (left: CaseAlias, right: CaseAlias) -> Bool {
    left.suite == right.suite
      ? left.number.isNumericallyOrdered(before: right.number) : left.suite < right.suite
  }
}

extension String {
  /// Whether this comes before `other` when runs of digits count as numbers: `2.9` before `2.10`.
  func isNumericallyOrdered(before other: String) -> Bool {
    var left = Array(utf8)[...]
    var right = Array(other.utf8)[...]
    while let a = left.first, let b = right.first {
      if a.isDigit, b.isDigit {
        let leftRun = left.prefix { $0.isDigit }
        let rightRun = right.prefix { $0.isDigit }
        let leftNumber = leftRun.drop { $0 == 0x30 }
        let rightNumber = rightRun.drop { $0 == 0x30 }
        if leftNumber.count != rightNumber.count { return leftNumber.count < rightNumber.count }
        if !leftNumber.elementsEqual(rightNumber) {
          return leftNumber.lexicographicallyPrecedes(rightNumber)
        }
        left = left.dropFirst(leftRun.count)
        right = right.dropFirst(rightRun.count)
      } else {
        if a != b { return a < b }
        left = left.dropFirst()
        right = right.dropFirst()
      }
    }
    return left.isEmpty && !right.isEmpty
  }
}

extension UInt8 {
  /// Whether this is an ASCII digit.
  var isDigit: Bool { (0x30...0x39).contains(self) }
}
