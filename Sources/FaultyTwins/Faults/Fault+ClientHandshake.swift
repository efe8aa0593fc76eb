import HTTP
import WebSocketProtocol

/// What a client asks for, and what answers it takes (RFC 6455 §4.1).
extension Fault {
  static let clientHandshakeFaults: [Fault] = [
    Fault(
      .client, .handshake, "posts", "RFC 6455 §4.1", "Its opening handshake is a POST."
    ) { $0.writesRequest = { $0.method = .post } },
    Fault(
      .client, .handshake, "asks-as-http-1.0", "RFC 6455 §4.1",
      "Its opening handshake is of HTTP/1.0."
    ) { $0.writesRequest = { $0.version = .http10 } },
    Fault(
      .client, .handshake, "asks-without-host", "RFC 6455 §4.1",
      "Its opening handshake has no Host field."
    ) { $0.writesRequest = { $0.fields[.http1Host] = nil } },
    Fault(
      .client, .handshake, "asks-without-upgrade", "RFC 6455 §4.1",
      "Its opening handshake has no Upgrade field."
    ) { $0.writesRequest = { $0.fields[.upgrade] = nil } },
    Fault(
      .client, .handshake, "asks-without-connection", "RFC 6455 §4.1",
      "Its opening handshake has no Connection field."
    ) { $0.writesRequest = { $0.fields[.connection] = nil } },
    Fault(
      .client, .handshake, "asks-without-key", "RFC 6455 §4.1",
      "Its opening handshake has no Sec-WebSocket-Key field."
    ) { $0.writesRequest = { $0.fields[.secWebSocketKey] = nil } },
    Fault(
      .client, .handshake, "asks-with-15-octets", "RFC 6455 §4.1",
      "Its Sec-WebSocket-Key has 15 octets."
    ) { $0.writesRequest = { $0.fields[.secWebSocketKey] = "AAECAwQFBgcICQoLDA0O" } },
    Fault(
      .client, .handshake, "asks-for-version-8", "RFC 6455 §4.1",
      "It asks for version 8 of the protocol."
    ) { $0.writesRequest = { $0.fields[.secWebSocketVersion] = "8" } },
    Fault(
      .client, .handshake, "asks-without-version", "RFC 6455 §4.1",
      "Its opening handshake has no Sec-WebSocket-Version field."
    ) { $0.writesRequest = { $0.fields[.secWebSocketVersion] = nil } },
    Fault(
      .client, .handshake, "takes-any-status", "RFC 6455 §4.1",
      "It takes an answer of any status for a 101."
    ) {
      $0.readsResponse = { response, _ in
        guard response.status.kind != .informational else { return }
        response.status = .switchingProtocols
      }
    },
    Fault(
      .client, .handshake, "takes-any-upgrade", "RFC 6455 §4.1",
      "It does not look at the Upgrade field of the answer."
    ) { $0.readsResponse = { response, _ in response.fields[.upgrade] = "websocket" } },
    Fault(
      .client, .handshake, "takes-any-connection", "RFC 6455 §4.1",
      "It does not look at the Connection field of the answer."
    ) { $0.readsResponse = { response, _ in response.fields[.connection] = "Upgrade" } },
    Fault(
      .client, .handshake, "takes-any-accept", "RFC 6455 §4.1",
      "It does not look at Sec-WebSocket-Accept."
    ) {
      $0.readsResponse = { response, request in
        response.fields[.secWebSocketAccept] = request.expectedAccept
      }
    },
    Fault(
      .client, .handshake, "accept-not-required", "RFC 6455 §4.1",
      "It takes an answer without Sec-WebSocket-Accept."
    ) {
      $0.readsResponse = { response, request in
        guard !response.fields.contains(.secWebSocketAccept) else { return }
        response.fields[.secWebSocketAccept] = request.expectedAccept
      }
    },
    Fault(
      .client, .handshake, "accept-in-any-case", "RFC 6455 §4.1",
      "It compares Sec-WebSocket-Accept without regard to the case of letters."
    ) {
      $0.readsResponse = { response, request in
        guard let value = response.fields.single(.secWebSocketAccept),
          let expected = request.expectedAccept, Syntax.isEqualIgnoringCase(value, expected)
        else { return }
        response.fields[.secWebSocketAccept] = expected
      }
    },
    Fault(
      .client, .handshake, "takes-any-subprotocol", "RFC 6455 §4.1",
      "It takes a subprotocol that it did not offer."
    ) { $0.readsResponse = { response, _ in response.fields[.secWebSocketProtocol] = nil } },
    Fault(
      .client, .handshake, "takes-any-extension", "RFC 6455 §4.1",
      "It goes on when the server names an extension that was not offered."
    ) {
      $0.readsResponse = { response, _ in
        guard let value = response.fields[.secWebSocketExtensions] else { return }
        let elements = (ExtensionElement.parse(value) ?? []).filter {
          $0.name == PerMessageDeflate.name
        }
        response.fields[.secWebSocketExtensions] = elements.first?.description
      }
    },
    Fault(
      .client, .handshake, "upgrade-only-in-small-letters", "RFC 6455 §4.1",
      "It knows the Upgrade token of the answer only in small letters."
    ) {
      $0.readsResponse = { response, _ in
        if response.fields[.upgrade] != "websocket" { response.fields[.upgrade] = nil }
      }
    },
    Fault(
      .client, .handshake, "connection-only-as-one-token", "RFC 6455 §4.1",
      "It knows the Connection field of the answer only as Upgrade alone."
    ) {
      $0.readsResponse = { response, _ in
        guard response.fields[.connection]?.lowercased() != "upgrade" else { return }
        response.fields[.connection] = nil
      }
    },
    Fault(
      .client, .handshake, "interim-responses-are-final", "RFC 9110 §15.2",
      "It takes an interim response, such as 103, for the final one."
    ) {
      $0.readsResponse = { response, _ in
        guard response.status.code != 101, response.status.kind == .informational else { return }
        response.status = .internalServerError
      }
    },
    Fault(
      .client, .handshake, "loses-glued-frames", "RFC 6455 §4.1",
      "It loses frames that come in the same read as the answer."
    ) { $0.readsBehindHead = { _ in [] } },
  ]
}

extension RequestHead {
  /// The value of Sec-WebSocket-Accept that answers this request.
  var expectedAccept: String? {
    fields[.secWebSocketKey].map { HandshakeKey.acceptValue(answering: $0) }
  }
}
