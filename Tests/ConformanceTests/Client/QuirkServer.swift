import HTTP
import Transport
import WebSocketProtocol

/// A small server on loopback that deviates in one thing.
final class QuirkServer {
  enum Quirk: Sendable {
    /// Echoes, answers Pings and Closes, drops TCP after; checks nothing.
    case none
    /// Changes the first octet of each echo.
    case flips
    /// Sends nothing after the handshake.
    case silent
    /// Keeps TCP open after the closing handshake.
    case keepsTCP
    /// Answers each Close with 1011.
    case otherCode
    /// Answers the request with 403.
    case refuses
    /// Sends garbage instead of a response.
    case garbage
    /// Drops TCP as soon as it is up.
    case drops
    /// Sends a frame together with the response.
    case speaksFirst
  }

  let group: EventLoopGroup
  let port: UInt16

  init(_ quirk: Quirk) throws {
    group = try EventLoopGroup(count: 1, name: "quirk")
    let loop = group.loops[0]
    let listener = try Listener(loop: loop, address: .loopback(port: 0)) { _ in
      QuirkSocket(quirk, loop: loop)
    }
    port = listener.localAddress.port ?? 0
  }

  deinit { group.stop() }

  var url: WebSocketURL {
    get throws { try WebSocketURL("ws://127.0.0.1:\(port)/") }
  }
}

/// One connection of a ``QuirkServer``.
private final class QuirkSocket: StreamSocket {
  private let quirk: QuirkServer.Quirk
  private var handshake: ServerHandshake? = ServerHandshake(limits: HeadLimits())
  private var input: [UInt8] = []
  private var message: (opcode: Opcode, payload: [UInt8])?

  init(_ quirk: QuirkServer.Quirk, loop: EventLoop) {
    self.quirk = quirk
    super.init(loop: loop)
  }

  override func connected(_ timings: ConnectTimings) {
    if quirk == .drops { abort() }
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    guard handshake == nil else { return open(bytes.span) }
    for index in 0..<bytes.count { input.append(bytes[index]) }
    while isOpen, let (header, start) = FrameHeader.decode(input.span),
      input.count >= start + Int(header.payloadLength)
    {
      let payload = (0..<Int(header.payloadLength)).map { index in
        input[start + index] ^ (header.maskingKey?[index] ?? 0)
      }
      input.removeFirst(start + payload.count)
      if quirk != .silent { handle(header, payload) }
    }
  }

  private func open(_ bytes: Span<UInt8>) {
    switch quirk {
    case .refuses: return send(Array("HTTP/1.1 403 Forbidden\r\n\r\n".utf8), thenCloses: true)
    case .garbage: return send(Array("220 mail.example ESMTP\r\n".utf8), thenCloses: true)
    default: break
    }
    guard case .upgrade(let request, _)? = handshake?.receive(bytes) else { return }
    handshake = nil
    var response: [UInt8] = []
    var fields = HTTPFields()
    fields[.server] = "quirk"
    request.writeResponse(subprotocol: nil, compression: nil, fields: fields, to: &response)
    if quirk == .speaksFirst { Frame(.text, Array("hi".utf8)).encode(to: &response) }
    send(response)
  }

  private func handle(_ header: FrameHeader, _ payload: [UInt8]) {
    switch header.opcode {
    case .ping: send(Frame(.pong, payload).encoded)
    case .pong: break
    case .close:
      let code: [UInt8] = quirk == .otherCode ? [0x03, 0xf3] : payload
      send(Frame(.close, code).encoded, thenCloses: quirk != .keepsTCP)
    default:
      var whole = message ?? (header.opcode, [])
      whole.payload += payload
      message = header.isFinal ? nil : whole
      guard header.isFinal else { return }
      if quirk == .flips, !whole.payload.isEmpty { whole.payload[0] ^= 1 }
      send(Frame(whole.opcode, whole.payload).encoded)
    }
  }

  private func send(_ octets: [UInt8], thenCloses: Bool = false) {
    write(octets.span)
    if thenCloses { close() }
  }
}
