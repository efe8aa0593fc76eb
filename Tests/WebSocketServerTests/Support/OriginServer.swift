import Glibc
import Testing
import WebSocketProtocol

@testable import Transport

/// Another server as a forwarding one sees it: it keeps what it gets, and answers as the test says.
final class OriginServer: Sendable {
  /// What has come, an element for each read.
  let received = Record<[UInt8]>()
  private let listener: Listener

  /// Listens at a port of the system's choice.
  /// - Parameters:
  ///   - tls: Its TLS, or nil for plain TCP.
  ///   - answer: Called for each read, with its octets as text.
  /// - Throws: What the listener throws.
  init(
    tls: TLSContext? = nil, answer: @escaping @Sendable (OriginSocket, String) -> Void
  ) throws {
    let loop = try #require(TestClient.loop)
    let received = self.received
    var options = Listener.Options()
    options.tls = tls
    listener = try Listener(loop: loop, address: .loopback(port: 0), options: options) {
      OriginSocket(loop: $0.loop, received: received, answer: answer)
    }
  }

  deinit { listener.close() }

  var address: SocketAddress { listener.localAddress }

  /// Everything that has come, as text.
  var text: String { String(decoding: received.all.joined(), as: UTF8.self) }
}

/// One connection to an `OriginServer`; it never closes by itself.
final class OriginSocket: StreamSocket {
  private let received: Record<[UInt8]>
  private let answer: @Sendable (OriginSocket, String) -> Void

  init(
    loop: EventLoop, received: Record<[UInt8]>,
    answer: @escaping @Sendable (OriginSocket, String) -> Void
  ) {
    self.received = received
    self.answer = answer
    super.init(loop: loop)
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    var octets: [UInt8] = []
    bytes.span.append(to: &octets)
    received.append(octets)
    answer(self, String(decoding: octets, as: UTF8.self))
  }

  override func receivedEndOfStream() {}

  func send(_ text: String) { write(Array(text.utf8).span) }

  /// Ends the TCP connection, with TLS without a close_notify.
  func endWithoutNotice() { _ = Glibc.shutdown(descriptor, Int32(SHUT_WR)) }

  static let switching =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
}
