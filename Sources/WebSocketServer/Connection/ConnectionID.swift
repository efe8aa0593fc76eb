/// A connection's number, unique in the life of a server.
///
/// It stays valid, and names nobody else, when its connection is gone. Within, it tells where the
/// connection lives, so that looking it up costs no table.
public struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
  private static let slotBits: UInt64 = 24
  private static let loopBits: UInt64 = 10
  static let maximumSlot = 1 << 24 - 1

  /// The number itself.
  public let number: UInt64

  /// An id that was kept as a number.
  public init(number: UInt64) {
    self.number = number
  }

  init(sequence: UInt64, loop: Int, slot: Int) {
    number =
      sequence << (Self.slotBits + Self.loopBits) | UInt64(loop) << Self.slotBits | UInt64(slot)
  }

  var slot: Int { Int(number & (1 << Self.slotBits - 1)) }
  var loop: Int { Int(number >> Self.slotBits & (1 << Self.loopBits - 1)) }

  /// The number in decimal digits.
  public var description: String { "\(number)" }
}
