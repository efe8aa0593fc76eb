import Transport
import WebSocketProtocol

/// Peers that speak no HTTP.
extension ServerConnection {
  /// Asks the application what becomes of octets that are no HTTP; `true` if that was decided here.
  func handOver(_ bytes: Span<UInt8>) -> Bool {
    guard let hook = host.context.configuration.hooks.unknownProtocol, let opening,
      opening.handshake.isEmpty, !Self.mayBeRequest(bytes)
    else { return false }
    let arrival = PeerArrival(
      listenerIndex: opening.listenerIndex, peerAddress: opening.peerAddress ?? .unix(path: ""))
    switch hook(arrival, bytes.copied()) {
    case .refuse: return false
    case .answer(let octets):
      write(octets.span)
      phase = .draining
      endTransport(at: loop.now)
    case .drop: abort()
    case .handOver(let handler):
      needExtra().raw = handler
      self.opening = nil
      phase = .raw
      deadline = nil
      handler.received(bytes, on: self)
    }
    return true
  }

  /// Whether octets may be the begin of a request: a method, which is a token (RFC 9112 §3).
  private static func mayBeRequest(_ bytes: Span<UInt8>) -> Bool {
    for index in 0..<min(bytes.count, 32) {
      switch bytes[index] {
      case UInt8(ascii: " "): return index > 0
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"): continue
      // Empty lines before a request are to be ignored (RFC 9112 §2.2).
      case 10, 13: guard index < 4 else { return false }
      default: return false
      }
    }
    return true
  }
}
