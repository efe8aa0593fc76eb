/// An entity tag: a name for one state of a resource (RFC 9110 §8.8.3).
public struct EntityTag: Hashable, Sendable, CustomStringConvertible {
  /// What stands between the quotes.
  public let opaque: String
  /// Whether equal tags mean equivalent rather than identical representations.
  public let isWeak: Bool

  /// Makes a tag; a quote, a space or a control character cannot be in it.
  public init?(_ opaque: String, isWeak: Bool = false) {
    guard opaque.utf8.allSatisfy({ $0 == 0x21 || 0x23...0x7e ~= $0 || $0 >= 0x80 }) else {
      return nil
    }
    self.opaque = opaque
    self.isWeak = isWeak
  }

  /// Reads a tag as it stands in a field, or returns nil.
  public init?(parsing text: some StringProtocol) {
    let isWeak = text.hasPrefix("W/")
    let quoted = text.dropFirst(isWeak ? 2 : 0)
    guard quoted.utf8.count >= 2, quoted.hasPrefix("\""), quoted.hasSuffix("\"") else {
      return nil
    }
    self.init(String(quoted.dropFirst().dropLast()), isWeak: isWeak)
  }

  /// The tag as it stands in a field.
  public var description: String { (isWeak ? "W/\"" : "\"") + opaque + "\"" }

  /// Whether the tags name the same octets: strong comparison (RFC 9110 §8.8.3.2).
  public func isIdentical(to other: EntityTag) -> Bool {
    !isWeak && !other.isWeak && opaque == other.opaque
  }

  /// Whether the tags name the same content: weak comparison (RFC 9110 §8.8.3.2).
  public func isEquivalent(to other: EntityTag) -> Bool { opaque == other.opaque }
}
