import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("Connections as asynchronous sequences", .timeLimit(.minutes(5)))
struct AsyncConnectionTests {
  private struct Mishap: Error {}

  @Test
  func `the end of the handler closes with 1000, its failure with 1011`() async throws {
    let factory = HandlerFactory.asynchronous { connection in
      for try await message in connection.messages {
        if message.text == "throw" { throw Mishap() }
        return
      }
    }
    try await withServer(factory) { _, address in
      for (text, code) in [("return", CloseCode.normalClosure), ("throw", .internalError)] {
        let client = try await TestClient(to: address)
        try await client.open()
        client.send(.text, Array(text.utf8))
        #expect(try await client.readFrame()?.closeCode == code)
      }
    }
  }

  @Test
  func `a broken connection ends the sequence and cancels the handler`() async throws {
    let record = Record<String>()
    let factory = HandlerFactory.asynchronous { connection in
      record.append("begun")
      do {
        try await Task.sleep(for: .seconds(1_000))
      } catch {
        record.append("cancelled")
      }
    }
    try await withServer(factory) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      _ = try await record.first { $0 == "begun" }
      client.abort()
      _ = try await record.first { $0 == "cancelled" }
    }
  }

  @Test
  func `a consumer that lags stops the peer, and loses nothing`() async throws {
    let factory = HandlerFactory.asynchronous { connection in
      var count = 0
      for try await message in connection.messages {
        if count < 3 { try await Task.sleep(for: .milliseconds(50)) }
        count += message.bytes.count
        if message.kind == .text { try await connection.send("\(count)") }
      }
    }
    try await withServer(factory) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      let payload = [UInt8].noise(50_000)
      for _ in 0..<200 { client.send(.binary, payload) }
      client.send(.text, [97])
      #expect(try await client.readFrame()?.payload == Array("\(200 * 50_000 + 1)".utf8))
    }
  }

  @Test
  func `sending waits for a peer that does not read`() async throws {
    let record = Record<Int>()
    let factory = HandlerFactory.asynchronous { connection in
      let message = Message(.binary, .noise(50_000))
      for try await _ in connection.messages {
        for index in 0..<1_000 {
          try await connection.send(message)
          record.append(index)
        }
        return
      }
    }
    try await withServer(factory, configure: { $0.limits.queuedOutputByteCount = 200_000 }) {
      _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      client.pauseReading()
      // Only now, so that nothing is read of what it makes the handler send.
      client.send(.text, [97])
      try await Task.sleep(for: .milliseconds(300))
      #expect(record.all.count < 900)
      client.resumeReading()
      for _ in 0..<1_000 { #expect(try await client.readFrame()?.payload.count == 50_000) }
      #expect(try await client.readFrame()?.closeCode == .normalClosure)
    }
  }

  @Test
  func `messages can be sent unasked while the handler waits for some`() async throws {
    let factory = HandlerFactory.asynchronous { connection in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for index in 0..<10 { try await connection.send("tick \(index)") }
        }
        for try await message in connection.messages { try await connection.send(message) }
        group.cancelAll()
      }
    }
    try await withServer(factory) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      for index in 0..<10 {
        #expect(try await client.readFrame()?.payload == Array("tick \(index)".utf8))
      }
      client.send(.ping, [1])
      #expect(try await client.readFrame()?.header.opcode == .pong)
    }
  }

  /// Where a handler takes a message.
  enum Place: CaseIterable {
    case loop, elsewhere, either

    func isElsewhere(_ number: Int) -> Bool {
      switch self {
      case .loop: false
      case .elsewhere: true
      case .either: number / 7 % 2 == 1
      }
    }
  }

  /// Takes a message on a thread of the system's pool.
  @concurrent
  private static func nextElsewhere(of connection: AsyncConnection) async throws -> Message? {
    try await withTaskExecutorPreference(globalConcurrentExecutor) {
      #expect(!connection.loop.isCurrent)
      return try await next(of: connection)
    }
  }

  private static func next(of connection: AsyncConnection) async throws -> Message? {
    var iterator = connection.messages.makeAsyncIterator()
    return try await iterator.next(isolation: nil)
  }

  @Test(arguments: Place.allCases)
  func `all messages come in order wherever they are taken, and then the end`(_ place: Place)
    async throws
  {
    let record = Record<String>()
    let factory = HandlerFactory.asynchronous { connection in
      for number in 0... {
        let message =
          if place.isElsewhere(number) {
            try await Self.nextElsewhere(of: connection)
          } else {
            try await Self.next(of: connection)
          }
        if !place.isElsewhere(number) { #expect(connection.loop.isCurrent) }
        guard let message else { break }
        try await connection.send(message)
      }
      // The end stays the end, on the loop as elsewhere.
      let again = try await Self.next(of: connection)
      let elsewhere = try await Self.nextElsewhere(of: connection)
      record.append(again == nil && elsewhere == nil ? "ended" : "a message after the end")
    }
    try await withServer(factory) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      for batch in 0..<40 {
        for number in 0..<50 { client.send(.text, Array("\(batch * 50 + number)".utf8)) }
        for number in 0..<50 {
          #expect(try await client.readFrame()?.payload == Array("\(batch * 50 + number)".utf8))
        }
      }
      client.send(.close, [3, 232])
      #expect(try await record.first { _ in true } == "ended")
    }
  }

  @Test(arguments: [false, true])
  func `who waits elsewhere is told of a connection that breaks`(_ hasTakenOne: Bool) async throws {
    let record = Record<String>()
    let factory = HandlerFactory.asynchronous(on: .concurrent) { connection in
      record.append("begun")
      if hasTakenOne { record.append(try await Self.next(of: connection)?.text ?? "none") }
      record.append(try await Self.next(of: connection)?.text ?? "end")
    }
    try await withServer(factory) { _, address in
      let client = try await TestClient(to: address)
      try await client.open()
      if hasTakenOne {
        client.send(.text, Array("first".utf8))
        _ = try await record.first { $0 == "first" }
      } else {
        _ = try await record.first { $0 == "begun" }
      }
      client.abort()
      _ = try await record.first { $0 == "end" }
    }
  }
}
