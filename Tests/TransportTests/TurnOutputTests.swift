import Glibc
import Testing

@testable import Transport

@Suite("Output put off to the turn's end")
struct TurnOutputTests {
  /// What arrives at the other end of one connection, when `act` runs once it is up.
  private func received(
    _ act: @escaping @Sendable (ScriptSocket) -> Void
  ) async throws -> (octets: [UInt8], server: SocketLog.State) {
    try await withLoops(2) { group in
      let serverLog = SocketLog()
      let listener = try Listener(loop: group.loops[0], address: .loopback(port: 0)) {
        let socket = ScriptSocket(loop: $0.loop, log: serverLog)
        socket.onReceive = { socket, _ in act(socket) }
        return socket
      }
      let log = connect(on: group.loops[1], Connector(to: .address(listener.localAddress))) {
        $0.onConnected = { $0.write([1].span) }
      }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      try await serverLog.wait(for: "the server's end") { !$0.closed.isEmpty }
      return (log.now.received, serverLog.now)
    }
  }

  @Test func `what is put off goes out in order, whatever follows it`() async throws {
    let long = [UInt8](repeating: 9, count: TurnOutput.octetsPerSocket + 1)
    let (octets, _) = try await received { socket in
      socket.writeAtTurnEnd([1, 2].span)
      socket.writeAtTurnEnd([3].span)
      socket.write([4].span)
      socket.writeAtTurnEnd([5].span)
      socket.writeAtTurnEnd(long.span)
      socket.write([6].span, [7].span)
      socket.writeAtTurnEnd([UInt8]().span)
      socket.writeAtTurnEnd([8].span)
      socket.close()
      socket.writeAtTurnEnd([10].span)
    }
    #expect(octets == [1, 2, 3, 4, 5] + long + [6, 7, 8])
  }

  @Test func `a FIN follows what was put off`() async throws {
    let (octets, server) = try await received { socket in
      socket.writeAtTurnEnd([1, 2, 3].span)
      socket.shutdownOutput()
      socket.writeAtTurnEnd([4].span)
    }
    #expect(octets == [1, 2, 3])
    #expect(server.endOfStreamCount == 1)
  }

  @Test func `nothing counts as pending, and a socket may end before the turn does`() async throws {
    let (_, server) = try await received { socket in
      socket.writeAtTurnEnd([1, 2, 3].span)
      let pending = socket.pendingByteCount
      socket.log.change { $0.notes = ["\(pending)"] }
      socket.abort()
    }
    #expect(server.notes == ["0"])
    #expect(server.closed.count == 1)
  }

  @Test func `more sockets than there is room for all answer`() async throws {
    let count = TurnOutput.socketCapacity * 2 + 3
    try await withLoops(2) { group in
      let sockets = SocketLog()
      let listener = try Listener(loop: group.loops[0], address: .loopback(port: 0)) {
        let socket = ScriptSocket(loop: $0.loop, log: sockets)
        socket.onReceive = { socket, bytes in socket.writeAtTurnEnd(bytes.span) }
        return socket
      }
      let logs = (0..<count).map { index in
        connect(on: group.loops[1], Connector(to: .address(listener.localAddress))) {
          $0.onConnected = { $0.write([UInt8(truncatingIfNeeded: index)].span) }
          $0.onReceive = { socket, _ in socket.close() }
        }
      }
      for (index, log) in logs.enumerated() {
        try await log.wait(for: "an answer") { !$0.closed.isEmpty }
        #expect(log.now.received == [UInt8(truncatingIfNeeded: index)])
      }
    }
  }

  @Test func `what the kernel does not take follows when it does`() async throws {
    var descriptors: [Int32] = [0, 0]
    try #require(
      unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
    let (near, far) = (descriptors[0], descriptors[1])
    defer { close(far) }
    try await withLoops { group in
      let loop = group.loops[0]
      let log = SocketLog()
      let chunk = [UInt8](repeating: 5, count: 1000)
      // Each turn puts one chunk off, until one had to be kept; then the socket closes in order.
      @Sendable func step(_ bound: LoopBound<ScriptSocket>, _ count: Int) {
        let socket = bound.value
        if socket.pendingByteCount > 0 {
          log.change { $0.notes = ["\(count)"] }
          return socket.close(linger: .seconds(300))
        }
        socket.writeAtTurnEnd(chunk.span)
        loop.execute { step(bound, count + 1) }
      }
      loop.execute {
        let socket = ScriptSocket(loop: loop, log: log)
        try? socket.attach(descriptor: near)
        step(LoopBound(socket, on: loop), 0)
      }
      try await log.wait(for: "a kept chunk") { !$0.notes.isEmpty }
      var total = 0
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = unsafe read(far, &buffer, buffer.count)
        guard count > 0 else { break }
        #expect(buffer[..<count].allSatisfy { $0 == 5 })
        total += count
      }
      #expect(total == 1000 * (Int(log.now.notes[0]) ?? -1))
    }
  }
}
