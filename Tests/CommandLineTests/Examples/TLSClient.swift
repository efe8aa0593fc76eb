import Testing
import Transport

/// A client over TLS that shows a certificate, or none, and reads what comes.
final class TLSClient {
  /// What the socket saw.
  private final class Socket: StreamSocket {
    let octets: AsyncStream<[UInt8]>.Continuation
    let greeting: [UInt8]

    init(loop: EventLoop, octets: AsyncStream<[UInt8]>.Continuation, greeting: String) {
      self.octets = octets
      self.greeting = Array(greeting.utf8)
      super.init(loop: loop)
    }

    override func connected(_ timings: ConnectTimings) {
      let octets = greeting
      write(octets.span)
    }

    override func receive(_ bytes: inout MutableSpan<UInt8>) {
      octets.yield(bytes.indices.map { bytes[$0] })
    }

    override func receivedEndOfStream() { octets.finish() }
    override func closed(_ reason: CloseReason) { octets.finish() }
  }

  private let loop: EventLoop
  private let socket: LoopBound<Socket>
  private var octets: AsyncStream<[UInt8]>.Iterator
  private var seen = ""

  /// Connects to `localhost`, which the authority in `authority` vouches for, and sends `greeting`.
  init(
    port: UInt16, authority: String, identity: TLSIdentity?, greeting: String
  ) async throws {
    var tls = TLSClientOptions()
    tls.authoritiesFile = authority
    tls.identity = identity
    var options = Connector.Options()
    options.tls = try TLSContext(client: tls)
    options.serverName = "localhost"
    loop = try EventLoop(name: "test-tls")
    try loop.start()
    let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    socket = LoopBound(Socket(loop: loop, octets: continuation, greeting: greeting), on: loop)
    octets = stream.makeAsyncIterator()
    let connector = Connector(to: .address(.loopback(port: port)), options: options)
    socket.execute { connector.connect($0) }
  }

  deinit {
    socket.execute { $0.abort() }
    loop.stop()
  }

  /// Whether the text comes before the end of the connection.
  func sees(_ text: String) async -> Bool {
    while !seen.contains(text) {
      guard let more = await octets.next(isolation: #isolation) else { return false }
      seen += String(decoding: more, as: UTF8.self)
    }
    return true
  }
}
