import Reports
import WebSocketProtocol

/// A Close of the server, in the words that reports have for it.
enum ServerClose {
  /// Says with which code and reason the server closed.
  static func words(_ code: CloseCode?, _ reason: Span<UInt8>) -> String {
    guard let code else { return "the server closed with no code" }
    let octets = (0..<reason.count).map { reason[$0] }
    return "the server closed with \(code.rawValue)"
      + (octets.isEmpty ? "" : " " + String(peerOctets: octets))
  }
}
