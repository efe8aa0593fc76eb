import Testing
import Transport
import WebSocketProtocol

/// What a test's socket saw.
enum Sighting: Sendable {
  case connected
  case octets([UInt8])
  case endOfStream
  case closed(CloseReason)
}

/// A socket that tells what it sees, and never closes by itself.
final class TestSocket: StreamSocket {
  let sightings: AsyncStream<Sighting>.Continuation
  var greeting: [UInt8] = []
  /// What every read is answered with.
  var reply: [UInt8] = []

  init(loop: EventLoop, sightings: AsyncStream<Sighting>.Continuation) {
    self.sightings = sightings
    super.init(loop: loop)
  }

  override func connected(_ timings: ConnectTimings) {
    write(greeting.span)
    sightings.yield(.connected)
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    var copy: [UInt8] = []
    bytes.span.append(to: &copy)
    write(reply.span)
    sightings.yield(.octets(copy))
  }

  override func receivedEndOfStream() { sightings.yield(.endOfStream) }

  override func closed(_ reason: CloseReason) {
    sightings.yield(.closed(reason))
    sightings.finish()
  }
}

/// A client that sends any octets, and reads heads and frames.
final class TestClient {
  enum Failure: Error {
    case ended, notAFrame
  }

  /// One loop serves all clients of the tests.
  static let loop: EventLoop? = {
    let loop = try? EventLoop(name: "test-clients")
    try? loop?.start()
    return loop
  }()

  private let socket: LoopBound<TestSocket>
  private var sightings: AsyncStream<Sighting>.Iterator
  private var buffer: [UInt8] = []
  private var consumed = 0
  private(set) var hasSeenEnd = false
  private(set) var closeReason: CloseReason?

  /// Connects, with TLS if a context is given, and sends `greeting` without delay.
  init(
    to address: SocketAddress, tls: TLSContext? = nil, receiveBufferByteCount: Int? = nil,
    sending greeting: String = ""
  ) async throws {
    let loop = try #require(Self.loop)
    let (stream, continuation) = AsyncStream.makeStream(of: Sighting.self)
    let unconnected = TestSocket(loop: loop, sightings: continuation)
    unconnected.greeting = Array(greeting.utf8)
    socket = LoopBound(unconnected, on: loop)
    sightings = stream.makeAsyncIterator()
    var options = Connector.Options()
    options.tls = tls
    options.serverName = "localhost"
    options.receiveBufferByteCount = receiveBufferByteCount
    let connector = Connector(to: .address(address), options: options)
    socket.execute { connector.connect($0) }
    guard case .connected = await sightings.next(isolation: #isolation) else { throw Failure.ended }
  }

  func send(_ octets: [UInt8]) {
    socket.execute { $0.write(octets.span) }
  }

  /// Sends on the loop's time, which no busy test delays.
  func send(_ octets: [UInt8], after delay: Duration) {
    socket.execute { socket in
      socket.loop.schedule(after: delay) { socket.write(octets.span) }
    }
  }

  /// Answers all that comes in from now on, on the loop's time, which no busy test delays.
  func answerReads(with octets: [UInt8]) {
    socket.execute { $0.reply = octets }
  }

  func send(_ text: String) {
    send(Array(text.utf8))
  }

  /// Sends a masked frame.
  func send(_ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true, rsv: UInt8 = 0) {
    send(Self.frame(opcode, payload, isFinal: isFinal, rsv: rsv))
  }

  static func frame(
    _ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true, rsv: UInt8 = 0
  ) -> [UInt8] {
    Frame(opcode, payload, isFinal: isFinal, rsv: rsv, maskingKey: MaskingKey(1, 2, 3, 4)).encoded
  }

  func sendEndOfStream() { socket.execute { $0.shutdownOutput() } }
  func abort() { socket.execute { $0.abort() } }
  func close() { socket.execute { $0.close() } }
  func pauseReading() { socket.execute { $0.pauseReading() } }
  /// Stops reading for a while of the loop's time, which no busy test delays.
  func pauseReading(for duration: Duration) {
    socket.execute { socket in
      socket.pauseReading()
      socket.loop.schedule(after: duration) { socket.resumeReading() }
    }
  }
  func resumeReading() { socket.execute { $0.resumeReading() } }

  /// Waits for more octets; `false` at the end of the stream.
  private func readMore() async -> Bool {
    guard !hasSeenEnd, closeReason == nil else { return false }
    switch await sightings.next(isolation: #isolation) {
    case .octets(let octets):
      buffer += octets
      return true
    case .endOfStream:
      hasSeenEnd = true
      return false
    case .closed(let reason):
      closeReason = reason
      return false
    case .connected: return true
    case nil: return false
    }
  }

  private func consume(_ count: Int) {
    consumed += count
    guard consumed > 1 << 20 || consumed == buffer.count else { return }
    buffer.removeFirst(consumed)
    consumed = 0
  }

  /// Everything up to an empty line, which is read too.
  func readHead() async throws -> String {
    String(decoding: try await readHeadOctets(), as: UTF8.self)
  }

  /// As `readHead()`, for heads that are not UTF-8.
  func readHeadOctets() async throws -> [UInt8] {
    let end: [UInt8] = [13, 10, 13, 10]
    while true {
      for index in buffer.indices.dropFirst(consumed).dropLast(3)
      where buffer[index] == 13 && Array(buffer[index..<(index + 4)]) == end {
        let head = Array(buffer[consumed..<index])
        consume(index + 4 - consumed)
        return head
      }
      guard await readMore() else { throw Failure.ended }
    }
  }

  func read(_ count: Int) async throws -> [UInt8] {
    while buffer.count - consumed < count {
      guard await readMore() else { throw Failure.ended }
    }
    defer { consume(count) }
    return Array(buffer[consumed..<(consumed + count)])
  }

  /// The next frame, or `nil` at the end of the stream.
  func readFrame() async throws -> Frame? {
    while true {
      if let (header, byteCount) = FrameHeader.decode(
        buffer.span.extracting(droppingFirst: consumed))
      {
        let total = byteCount + Int(header.payloadLength)
        if buffer.count - consumed >= total {
          let payload = Array(buffer[(consumed + byteCount)..<(consumed + total)])
          consume(total)
          return Frame(header: header, payload: payload)
        }
      }
      guard await readMore() else {
        guard buffer.count == consumed else { throw Failure.notAFrame }
        return nil
      }
    }
  }

  /// Whether the server ends the connection in order, with nothing more to say.
  func seesOrderlyEnd() async throws -> Bool {
    while await readMore() {}
    return hasSeenEnd && buffer.count == consumed
  }

  static let key = "dGhlIHNhbXBsZSBub25jZQ=="

  /// A request that opens a WebSocket; `fields` are added to it.
  static func request(_ target: String = "/", fields: [String] = []) -> String {
    let all =
      [
        "GET \(target) HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13",
      ] + fields
    return all.joined(separator: "\r\n") + "\r\n\r\n"
  }

  /// Sends the opening handshake and returns the head of the answer.
  @discardableResult
  func open(_ target: String = "/", fields: [String] = []) async throws -> String {
    send(Self.request(target, fields: fields))
    let head = try await readHead()
    #expect(head.hasPrefix("HTTP/1.1 101 "), "\(head)")
    return head
  }
}
