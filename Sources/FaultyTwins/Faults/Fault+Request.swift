import HTTP
import WebSocketProtocol

/// What a server takes for an opening handshake (RFC 6455 §4.2.1, RFC 9112).
extension Fault {
  static let requestFaults: [Fault] = [
    Fault(
      .server, .handshake, "accepts-any-method", "RFC 6455 §4.2.1",
      "It opens the connection whatever the method of the request is."
    ) { $0.readsRequest = { $0.method = .get } },
    Fault(
      .server, .handshake, "accepts-http-1.0", "RFC 6455 §4.2.1",
      "It opens the connection for a request of HTTP/1.0."
    ) { $0.readsRequest = { $0.version = .http11 } },
    Fault(
      .server, .handshake, "upgrade-not-required", "RFC 6455 §4.2.1",
      "It opens the connection without looking at the Upgrade field."
    ) { $0.readsRequest = { $0.fields[.upgrade] = "websocket" } },
    Fault(
      .server, .handshake, "upgrade-by-prefix", "RFC 6455 §4.2.1",
      "It takes any Upgrade field that begins with websocket."
    ) {
      $0.readsRequest = { request in
        guard request.fields[.upgrade]?.lowercased().hasPrefix("websocket") == true else { return }
        request.fields[.upgrade] = "websocket"
      }
    },
    Fault(
      .server, .handshake, "upgrade-in-small-letters-only", "RFC 6455 §4.2.1",
      "It knows the Upgrade token only in small letters."
    ) {
      $0.readsRequest = { request in
        if request.fields[.upgrade] != "websocket" { request.fields[.upgrade] = "unknown" }
      }
    },
    Fault(
      .server, .handshake, "connection-not-required", "RFC 6455 §4.2.1",
      "It opens the connection without looking at the Connection field."
    ) { $0.readsRequest = { $0.fields[.connection] = "Upgrade" } },
    Fault(
      .server, .handshake, "connection-by-substring", "RFC 6455 §4.2.1",
      "It looks for the letters of upgrade anywhere in the Connection field."
    ) {
      $0.readsRequest = { request in
        guard request.fields[.connection]?.lowercased().contains("upgrade") == true else { return }
        request.fields[.connection] = "Upgrade"
      }
    },
    Fault(
      .server, .handshake, "connection-as-one-token", "RFC 6455 §4.2.1",
      "It does not read the Connection field as a list, so keep-alive beside Upgrade is refused."
    ) {
      $0.readsRequest = { request in
        guard request.fields[.connection]?.lowercased() != "upgrade" else { return }
        request.fields[.connection] = "unknown"
      }
    },
    Fault(
      .server, .handshake, "connection-by-exact-case", "RFC 6455 §4.2.1",
      "It knows the option of the Connection field only as Upgrade, with one capital."
    ) {
      $0.readsRequest = { request in
        guard !request.fields.elements(of: .connection).contains("Upgrade") else { return }
        request.fields[.connection] = "unknown"
      }
    },
    Fault(
      .server, .handshake, "version-not-required", "RFC 6455 §4.2.1",
      "It opens the connection for a request without Sec-WebSocket-Version."
    ) {
      $0.readsRequest = { request in
        guard !request.fields.contains(.secWebSocketVersion) else { return }
        request.fields[.secWebSocketVersion] = "13"
      }
    },
    Fault(
      .server, .handshake, "accepts-any-version", "RFC 6455 §4.2.2",
      "It opens the connection for versions of the protocol that it does not speak."
    ) { $0.readsRequest = { $0.fields[.secWebSocketVersion] = "13" } },
    Fault(
      .server, .handshake, "version-by-prefix", "RFC 6455 §4.2.1",
      "It takes any Sec-WebSocket-Version that begins with 13."
    ) {
      $0.readsRequest = { request in
        guard request.fields[.secWebSocketVersion]?.hasPrefix("13") == true else { return }
        request.fields[.secWebSocketVersion] = "13"
      }
    },
    Fault(
      .server, .handshake, "version-by-number", "RFC 6455 §4.3",
      "It reads Sec-WebSocket-Version as any integer, with leading zeros and signs."
    ) {
      $0.readsRequest = { request in
        guard request.fields[.secWebSocketVersion].flatMap({ Int($0) }) == 13 else { return }
        request.fields[.secWebSocketVersion] = "13"
      }
    },
    Fault(
      .server, .handshake, "key-not-required", "RFC 6455 §4.2.1",
      "It opens the connection for a request without Sec-WebSocket-Key."
    ) {
      $0.readsRequest = { request in
        guard !request.fields.contains(.secWebSocketKey) else { return }
        request.fields[.secWebSocketKey] = "dGhlIHNhbXBsZSBub25jZQ=="
      }
    },
    Fault(
      .server, .handshake, "key-of-any-length", "RFC 6455 §4.2.1",
      "It does not check that Sec-WebSocket-Key is the base64 of 16 octets."
    ) {
      $0.readsRequest = { request in
        guard let key = request.fields.single(.secWebSocketKey), !key.isEmpty,
          HandshakeKey(value: key) == nil
        else { return }
        request.fields[.secWebSocketKey] = "dGhlIHNhbXBsZSBub25jZQ=="
      }
      $0.writesResponse = { response, request in
        guard let key = request.fields.single(.secWebSocketKey) else { return }
        response.fields[.secWebSocketAccept] = HandshakeKey.acceptValue(answering: key)
      }
    },
    Fault(
      .server, .handshake, "takes-the-first-of-two-keys", "RFC 6455 §11.3.1",
      "It takes the first of several Sec-WebSocket-Key fields."
    ) { $0.readsRequest = { $0.keepFirst(.secWebSocketKey) } },
    Fault(
      .server, .handshake, "takes-the-first-of-two-versions", "RFC 6455 §11.3.5",
      "It takes the first of several Sec-WebSocket-Version fields."
    ) { $0.readsRequest = { $0.keepFirst(.secWebSocketVersion) } },
    Fault(
      .server, .handshake, "takes-the-first-of-two-origins", "RFC 6454 §7.3",
      "It takes the first of several Origin fields."
    ) { $0.readsRequest = { $0.keepFirst(.origin) } },
    Fault(
      .server, .handshake, "host-not-required", "RFC 9112 §3.2",
      "It opens the connection for a request without Host."
    ) {
      $0.readsRequest = { request in
        guard !request.fields.contains(.http1Host) else { return }
        request.fields[.http1Host] = "localhost"
      }
    },
    Fault(
      .server, .handshake, "takes-the-first-of-two-hosts", "RFC 9112 §3.2",
      "It takes the first of several Host fields."
    ) { $0.readsRequest = { $0.keepFirst(.http1Host) } },
    Fault(
      .server, .handshake, "takes-any-host", "RFC 9112 §3.2",
      "It does not look at what the Host field says."
    ) {
      $0.readsRequest = { request in
        guard request.fields.count(of: .http1Host) == 1 else { return }
        request.fields[.http1Host] = "localhost"
      }
    },
    Fault(
      .server, .handshake, "field-names-by-exact-case", "RFC 6455 §4.2.1",
      "It does not find a field whose name is written in small letters."
    ) {
      $0.readsRequest = { request in
        let fields = request.fields.filter { $0.name.rawName != $0.name.canonicalName }
        request.fields = HTTPFields(fields)
      }
    },
    Fault(
      .server, .handshake, "refuses-unknown-fields", "RFC 6455 §4.2.1",
      "It refuses a request with a field that it does not know."
    ) {
      $0.readsRequest = { request in
        guard request.fields.contains(where: { $0.name.canonicalName.hasPrefix("x-") }) else {
          return
        }
        request.fields[.upgrade] = nil
      }
    },
    Fault(
      .server, .handshake, "keeps-20-fields", "RFC 6455 §4.2.1",
      "It forgets the fields of a request beyond the twentieth, Upgrade among them."
    ) {
      $0.readsRequest = { request in
        guard request.fields.count > 20 else { return }
        request.fields[.upgrade] = nil
      }
    },
    Fault(
      .server, .handshake, "refuses-absolute-form", "RFC 6455 §4.2.1",
      "It refuses a request target that is a whole URL."
    ) {
      $0.readsRequest = { request in
        guard !request.target.hasPrefix("/") else { return }
        request.fields[.upgrade] = nil
      }
    },
    Fault(
      .server, .handshake, "blanks-before-colons", "RFC 9112 §5.1",
      "It takes field lines with a blank between name and colon."
    ) {
      $0.readsHead = { head in
        head.removing { index in
          let rest = head[index...].drop { $0 == 0x20 || $0 == 0x09 }
          return (head[index] == 0x20 || head[index] == 0x09) && rest.first == UInt8(ascii: ":")
        }
      }
    },
    Fault(
      .server, .handshake, "folded-lines-are-fields", "RFC 9112 §5.2",
      "It takes a folded line for a field of its own."
    ) {
      $0.readsHead = { head in
        head.removing { $0 > 0 && head[$0] == 0x20 && head[$0 - 1] == 0x0a }
      }
    },
    Fault(
      .server, .handshake, "cr-ends-lines", "RFC 9112 §2.2",
      "It takes a CR alone for the end of a line."
    ) {
      $0.readsHead = { head in
        var changed: [UInt8] = []
        for (index, octet) in head.enumerated() {
          changed.append(octet)
          if octet == 0x0d, index + 1 < head.count, head[index + 1] != 0x0a { changed.append(0x0a) }
        }
        return changed
      }
    },
    Fault(
      .server, .handshake, "drops-control-characters", "RFC 9110 §5.5",
      "It drops NUL octets from a head instead of refusing it."
    ) { $0.readsHead = { head in head.removing { head[$0] == 0 } } },
    Fault(
      .server, .handshake, "skips-lines-without-colon", "RFC 9112 §5",
      "It skips the lines of a head that are no fields."
    ) {
      $0.readsHead = { head in
        let lines = head.split(separator: 0x0a, omittingEmptySubsequences: false)
        let kept = lines.enumerated().filter { index, line in
          index == 0 || line.count <= 1 || line.contains(UInt8(ascii: ":"))
        }
        return Array(kept.map { $0.element }.joined(separator: [0x0a]))
      }
    },
    Fault(
      .server, .handshake, "ignores-content-length", "RFC 9112 §6.3",
      "It does not look at Content-Length, whatever it says."
    ) { $0.readsRequest = { $0.fields[.contentLength] = nil } },
  ]
}

extension RequestHead {
  /// Leaves only the first field line of this name.
  mutating func keepFirst(_ name: HTTPField.Name) {
    var isFirst = true
    let kept = fields.filter { field in
      guard field.name == name else { return true }
      defer { isFirst = false }
      return isFirst
    }
    fields = HTTPFields(kept)
  }
}

extension [UInt8] {
  /// The octets without those at the offsets that are chosen.
  func removing(_ isChosen: (Int) -> Bool) -> [UInt8] {
    indices.filter { !isChosen($0) }.map { self[$0] }
  }
}
