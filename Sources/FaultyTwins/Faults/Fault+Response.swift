import HTTP
import WebSocketProtocol

/// What a server answers (RFC 6455 §4.2.2).
extension Fault {
  static let responseFaults: [Fault] = [
    Fault(
      .server, .handshake, "answers-200", "RFC 6455 §4.2.2",
      "It answers 200 and then speaks WebSocket."
    ) { $0.writesResponse = { response, _ in response.status = .ok } },
    Fault(
      .server, .handshake, "answers-http-1.0", "RFC 6455 §4.2.2",
      "It answers as HTTP/1.0."
    ) { $0.writesResponse = { response, _ in response.version = .http10 } },
    Fault(
      .server, .handshake, "no-upgrade", "RFC 6455 §4.2.2",
      "Its answer has no Upgrade field."
    ) { $0.writesResponse = { response, _ in response.fields[.upgrade] = nil } },
    Fault(
      .server, .handshake, "misspelt-upgrade", "RFC 6455 §4.2.2",
      "Its answer says Upgrade: websockets."
    ) { $0.writesResponse = { response, _ in response.fields[.upgrade] = "websockets" } },
    Fault(
      .server, .handshake, "no-connection", "RFC 6455 §4.2.2",
      "Its answer has no Connection field."
    ) { $0.writesResponse = { response, _ in response.fields[.connection] = nil } },
    Fault(
      .server, .handshake, "connection-keep-alive", "RFC 6455 §4.2.2",
      "Its answer says Connection: keep-alive and does not name Upgrade."
    ) { $0.writesResponse = { response, _ in response.fields[.connection] = "keep-alive" } },
    Fault(
      .server, .handshake, "no-accept", "RFC 6455 §4.2.2",
      "Its answer has no Sec-WebSocket-Accept field."
    ) { $0.writesResponse = { response, _ in response.fields[.secWebSocketAccept] = nil } },
    Fault(
      .server, .handshake, "accept-of-another-key", "RFC 6455 §4.2.2",
      "Its Sec-WebSocket-Accept answers the example of the RFC, whatever the key."
    ) {
      $0.writesResponse = { response, _ in
        response.fields[.secWebSocketAccept] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
      }
    },
    Fault(
      .server, .handshake, "accept-twice", "RFC 6455 §4.2.2",
      "It sends Sec-WebSocket-Accept twice."
    ) {
      $0.writesResponse = { response, _ in
        guard let value = response.fields[.secWebSocketAccept] else { return }
        response.fields.append(HTTPField(name: .secWebSocketAccept, value: value))
      }
    },
    Fault(
      .server, .handshake, "accept-in-small-letters", "RFC 6455 §4.2.2",
      "It sends the value of Sec-WebSocket-Accept in small letters."
    ) {
      $0.writesResponse = { response, _ in
        let value = response.fields[.secWebSocketAccept]
        response.fields[.secWebSocketAccept] = value?.lowercased()
      }
    },
    Fault(
      .server, .handshake, "key-as-form-data", "RFC 6455 §4.2.2",
      "It decodes the key as if it were form data, so that a plus becomes a blank."
    ) {
      $0.writesResponse = { response, request in
        guard let key = request.fields.single(.secWebSocketKey) else { return }
        response.fields[.secWebSocketAccept] = HandshakeKey.acceptValue(
          answering: String(key.map { $0 == "+" ? " " : $0 }))
      }
    },
    Fault(
      .server, .handshake, "invents-a-subprotocol", "RFC 6455 §4.2.2",
      "It names a subprotocol that nobody offered."
    ) {
      $0.writesResponse = { response, _ in response.fields[.secWebSocketProtocol] = "chat-2" }
    },
    Fault(
      .server, .handshake, "returns-all-subprotocols", "RFC 6455 §4.2.2",
      "It names all offered subprotocols instead of one."
    ) {
      $0.writesResponse = { response, request in
        response.fields[.secWebSocketProtocol] = request.fields[.secWebSocketProtocol]
      }
    },
    Fault(
      .server, .handshake, "subprotocol-in-small-letters", "RFC 6455 §4.2.2",
      "It names an offered subprotocol, but in small letters."
    ) {
      $0.writesResponse = { response, request in
        let offered = request.fields.elements(of: .secWebSocketProtocol).first
        response.fields[.secWebSocketProtocol] = offered?.lowercased()
      }
    },
    Fault(
      .server, .handshake, "length-in-101", "RFC 9110 §8.6",
      "Its answer of status 101 has a Content-Length."
    ) { $0.writesResponse = { response, _ in response.fields[.contentLength] = "0" } },
    Fault(
      .server, .handshake, "chunked-101", "RFC 9112 §6.1",
      "Its answer of status 101 has a Transfer-Encoding."
    ) { $0.writesResponse = { response, _ in response.fields[.transferEncoding] = "chunked" } },
    Fault(
      .server, .handshake, "lf-ends-lines-of-the-answer", "RFC 9112 §2.2",
      "The lines of its answer end with LF alone."
    ) { $0.writesHead = { head in head.removing { head[$0] == 0x0d } } },
    Fault(
      .server, .handshake, "refuses-without-the-version", "RFC 6455 §4.2.2",
      "It refuses another version without naming the one it speaks."
    ) { $0.refuses = { $0.fields[.secWebSocketVersion] = nil } },
    Fault(
      .server, .handshake, "refuses-without-the-upgrade", "RFC 9110 §15.5.22",
      "It answers 426 without an Upgrade field."
    ) { $0.refuses = { $0.fields[.upgrade] = nil } },
    Fault(
      .server, .handshake, "tunnels-after-refusal", "RFC 6455 §4.2.2",
      "It goes on with frames after an answer that refuses the opening handshake."
    ) { $0.opensAfterRefusal = true },
    Fault(
      .server, .handshake, "loses-glued-frames", "RFC 6455 §4.2.2",
      "It loses frames that come in the same read as the request."
    ) { $0.readsBehindHead = { _ in [] } },
  ]
}
