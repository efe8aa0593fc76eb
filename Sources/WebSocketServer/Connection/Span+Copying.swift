import WebSocketProtocol

extension Span<UInt8> {
  /// The octets, kept.
  func copied() -> [UInt8] {
    var array: [UInt8] = []
    append(to: &array)
    return array
  }
}
