/// Holds the octets of a head back until it is whole, where a deviation wants to change them.
struct HeadGate: Sendable {
  let change: Deviation.HeadChange?
  private var held: [UInt8] = []
  private var isOpen = false

  /// A gate that lets everything through if there is nothing to change.
  init(_ change: Deviation.HeadChange?) {
    self.change = change
  }

  /// The octets that may be read now.
  mutating func take(_ octets: [UInt8]) -> [UInt8] {
    guard let change, !isOpen else { return octets }
    held += octets
    guard let end = Self.endOfHead(in: held) else { return [] }
    isOpen = true
    defer { held = [] }
    return change(Array(held[..<end])) + held[end...]
  }

  /// The offset behind the empty line, with any kind of line ends.
  static func endOfHead(in octets: [UInt8]) -> Int? {
    for index in octets.indices where octets[index] == 0x0a {
      if index + 1 < octets.count, octets[index + 1] == 0x0a { return index + 2 }
      if index + 2 < octets.count, octets[index + 1] == 0x0d, octets[index + 2] == 0x0a {
        return index + 3
      }
    }
    return nil
  }
}
