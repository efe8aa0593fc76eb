import Glibc
import Testing

@testable import Transport

@Suite("Stream sockets")
struct StreamSocketTests {
  /// A listener whose sockets `prepare` sets up; they all write into one log.
  private func listener(
    _ loop: EventLoop, at address: SocketAddress = .loopback(port: 0),
    sendBuffer: Int? = nil, log: SocketLog = SocketLog(),
    _ prepare: @escaping @Sendable (ScriptSocket) -> Void
  ) throws -> Listener {
    var options = Listener.Options()
    options.sendBufferByteCount = sendBuffer
    return try Listener(loop: loop, address: address, options: options) {
      let socket = ScriptSocket(loop: $0.loop, log: log)
      prepare(socket)
      return socket
    }
  }

  @Test(arguments: [
    SocketAddress.loopback(port: 0), .loopback6(port: 0),
    .unix(path: "/tmp/gauntlet-test-\(getpid()).socket"), .unix(path: "@gauntlet-\(getpid())"),
  ])
  func `what is sent comes back`(address: SocketAddress) async throws {
    try await withLoops(2) { group in
      let listener = try Listener(loop: group.loops[0], address: address) {
        EchoSocket(loop: $0.loop)
      }
      let connector = Connector(to: .address(listener.localAddress))
      let log = connect(on: group.loops[1], connector) { socket in
        socket.onConnected = { socket in
          let peer = socket.peerAddress?.description ?? "nobody"
          socket.log.change { $0.notes = [peer] }
          socket.write(Array("hel".utf8).span, Array("lo".utf8).span)
        }
        socket.onReceive = { socket, _ in
          if socket.log.now.received.count == 5 { socket.shutdownOutput() }
        }
      }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      #expect(log.now.received == Array("hello".utf8))
      #expect(log.now.notes == [listener.localAddress.description])
      #expect(log.now.endOfStreamCount == 1)
      #expect(log.now.closed.count == 1)
    }
  }

  @Test func `a flood through small buffers and a slow reader loses nothing`() async throws {
    let count = 64 << 20
    let pattern = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      let listener = try listener(group.loops[0], sendBuffer: 4096, log: serverLog) { socket in
        socket.onConnected = { socket in
          var sent = 0
          while sent < count {
            let part = min(pattern.count, count - sent)
            let half = part / 3
            socket.write(
              pattern.span.extracting(0..<half), pattern.span.extracting(half..<part))
            sent += part
          }
          let pending = socket.pendingByteCount
          socket.log.change { $0.notes = ["\(pending)"] }
          socket.close(linger: .seconds(300))
        }
      }
      var options = Connector.Options()
      options.receiveBufferByteCount = 8192
      let connector = Connector(to: .address(listener.localAddress), options: options)
      let log = connect(on: group.loops[1], connector) { socket in
        socket.keepsOctets = false
        var position = 0
        var pauses = 0
        socket.onReceive = { socket, bytes in
          for index in bytes.indices {
            if bytes[index] != pattern[position] { socket.log.change { $0.notes = ["wrong"] } }
            position = position + 1 == pattern.count ? 0 : position + 1
          }
          guard pauses < 20 else { return }
          pauses += 1
          socket.pauseReading()
          let bound = LoopBound(socket, on: socket.loop)
          socket.loop.schedule(after: .milliseconds(2)) { bound.value.resumeReading() }
        }
      }
      try await log.wait(for: "the end", within: 120) { !$0.closed.isEmpty }
      try await serverLog.wait(for: "the server's end") { !$0.closed.isEmpty }
      #expect(log.now.receivedByteCount == count)
      #expect(log.now.notes.isEmpty)
      #expect(Int(serverLog.now.notes.first ?? "") ?? 0 > 0)
      #expect(serverLog.now.closed.first?.isLocal == true)
    }
  }

  @Test func `output that waited is announced when it is gone`() async throws {
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      let listener = try listener(group.loops[0], log: serverLog) { socket in
        socket.keepsOctets = false
      }
      let connector = Connector(to: .address(listener.localAddress))
      let log = connect(on: group.loops[1], connector) { socket in
        socket.onConnected = { $0.write([UInt8](repeating: 7, count: 32 << 20).span) }
        socket.onWritable = { socket in
          let pending = socket.pendingByteCount
          socket.log.change { $0.notes.append("\(pending)") }
          socket.shutdownOutput()
        }
      }
      try await serverLog.wait(for: "all octets", within: 60) { $0.receivedByteCount == 32 << 20 }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      #expect(log.now.notes == ["0"])
    }
  }

  @Test func `a half-closed connection still carries octets the other way`() async throws {
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      let listener = try listener(group.loops[0], log: serverLog) { socket in
        socket.onEndOfStream = { socket in
          socket.write(Array("after".utf8).span)
          socket.shutdownOutput()
        }
      }
      let connector = Connector(to: .address(listener.localAddress))
      let log = connect(on: group.loops[1], connector) { socket in
        socket.onConnected = { socket in
          socket.write(Array("before".utf8).span)
          socket.shutdownOutput()
          // Nothing follows a FIN.
          socket.write(Array("never".utf8).span)
        }
        socket.onEndOfStream = { _ in }
      }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      try await serverLog.wait(for: "the server's end") { !$0.closed.isEmpty }
      #expect(serverLog.now.received == Array("before".utf8))
      #expect(log.now.received == Array("after".utf8))
      #expect(log.now.closed.first?.isEndOfStream == true)
      #expect(serverLog.now.closed.first?.isEndOfStream == true)
    }
  }

  @Test func `an abort is a reset for the peer`() async throws {
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      let listener = try listener(group.loops[0], log: serverLog) { socket in
        socket.onReceive = { socket, _ in
          socket.abort()
          socket.abort()
          socket.write([1].span)
          socket.close()
        }
      }
      let connector = Connector(to: .address(listener.localAddress))
      let log = connect(on: group.loops[1], connector) { socket in
        socket.onConnected = { $0.write([1].span) }
      }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      try await serverLog.wait(for: "the server's end") { !$0.closed.isEmpty }
      #expect(log.now.closed.count == 1)
      #expect(log.now.closed.first?.isPeerReset == true)
      #expect(serverLog.now.closed.count == 1)
      #expect(serverLog.now.closed.first?.isAborted == true)
    }
  }

  @Test func `what came before a failed write is still delivered`() async throws {
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      // The server answers and closes without reading, so that its end is a reset.
      let listener = try listener(group.loops[0], log: serverLog) { socket in
        socket.pauseReading()
        socket.onConnected = { socket in
          let bound = LoopBound(socket, on: socket.loop)
          socket.loop.schedule(after: .milliseconds(30)) {
            bound.value.write(Array("last words".utf8).span)
            bound.value.close(linger: .zero)
          }
        }
      }
      let connector = Connector(to: .address(listener.localAddress))
      let log = connect(on: group.loops[1], connector) { socket in
        socket.pauseReading()
        socket.onConnected = { socket in
          socket.write([UInt8](repeating: 1, count: 1000).span)
          let bound = LoopBound(socket, on: socket.loop)
          for milliseconds in [150, 200] {
            socket.loop.schedule(after: .milliseconds(milliseconds)) {
              bound.value.write([1].span)
            }
          }
          socket.loop.schedule(after: .milliseconds(250)) { bound.value.resumeReading() }
        }
      }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      #expect(log.now.closed.count == 1)
      try await serverLog.wait(for: "the server's end") { !$0.closed.isEmpty }
    }
  }

  @Test func `a peer that never ends is given up after the linger`() async throws {
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      let listener = try listener(group.loops[0], log: serverLog) { socket in
        socket.onConnected = { $0.close(linger: .milliseconds(100)) }
      }
      let connector = Connector(to: .address(listener.localAddress))
      let log = connect(on: group.loops[1], connector) { socket in socket.onEndOfStream = { _ in } }
      try await serverLog.wait(for: "the server's end") { !$0.closed.isEmpty }
      #expect(serverLog.now.closed.first?.isLingerExpired == true)
      try await log.wait(for: "the end of stream") { $0.endOfStreamCount == 1 }
    }
  }

  @Test func `pausing inside receive stops it until reading is resumed`() async throws {
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      let listener = try listener(group.loops[0], log: serverLog) { socket in
        socket.onReceive = { socket, bytes in
          let note = "\(bytes.count)"
          socket.log.change { $0.notes.append(note) }
          socket.pauseReading()
          let bound = LoopBound(socket, on: socket.loop)
          socket.loop.schedule(after: .milliseconds(50)) { bound.value.resumeReading() }
        }
      }
      let connector = Connector(to: .address(listener.localAddress))
      let count = 3 << 20
      let log = connect(on: group.loops[1], connector) { socket in
        socket.onConnected = { socket in
          socket.write([UInt8](repeating: 1, count: count).span)
          socket.shutdownOutput()
        }
      }
      try await serverLog.wait(for: "all octets") { $0.receivedByteCount == count }
      try await serverLog.wait(for: "the server's end") { !$0.closed.isEmpty }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      #expect(serverLog.now.notes.count > 1)
      #expect(serverLog.now.endOfStreamCount == 1)
    }
  }
}

extension CloseReason {
  fileprivate var isLocal: Bool { if case .local = self { true } else { false } }
  fileprivate var isEndOfStream: Bool { if case .endOfStream = self { true } else { false } }
  fileprivate var isPeerReset: Bool { if case .peerReset = self { true } else { false } }
  fileprivate var isAborted: Bool { if case .aborted = self { true } else { false } }
  fileprivate var isLingerExpired: Bool { if case .lingerExpired = self { true } else { false } }
}
