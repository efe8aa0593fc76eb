public import HTTP

/// Why a client fails the connection while it is opening (RFC 6455 §4.1).
public enum HandshakeFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The response cannot be read as HTTP/1.1.
  case unreadable(HeadError)
  /// The server answered with a status other than 101: a refusal, a redirection or no WebSocket.
  case refused(ResponseHead)
  /// The Upgrade field is missing, doubled or not `websocket`.
  case invalidUpgrade
  /// The Connection field does not name Upgrade.
  case invalidConnection
  /// Sec-WebSocket-Accept is missing, doubled or does not answer the key.
  case invalidAccept
  /// The server chose a subprotocol that was not offered, or several.
  case invalidSubprotocol(String)
  /// The server chose an extension that was not offered, or parameters that do not answer an offer.
  case invalidExtensions(String)

  /// What went wrong, in one line.
  public var description: String {
    switch self {
    case .unreadable(let error):
      "the server's response is not HTTP/1.1: \(error.reason)"
    case .refused(let head):
      "the server answered \(head.status.code) \(head.status.reasonPhrase) instead of 101"
    case .invalidUpgrade:
      "the server's Upgrade field is not websocket"
    case .invalidConnection:
      "the server's Connection field does not name Upgrade"
    case .invalidAccept:
      "the server's Sec-WebSocket-Accept does not answer the key"
    case .invalidSubprotocol(let value):
      "the server chose a subprotocol that was not offered: \(value.debugDescription)"
    case .invalidExtensions(let value):
      "the server's extensions do not answer the offer: \(value.debugDescription)"
    }
  }
}
