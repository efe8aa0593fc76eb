import Testing
import WebSocketProtocol

@Suite("RFC 6455 §4.1 and §7.1 The states of a connection")
struct ConnectionTests {
  @Test
  func `a connection is small`() {
    #expect(MemoryLayout<Connection>.size <= 200)
  }

  @Test
  func `a new connection is open and idle, and expects nothing`() {
    let endpoint = Endpoint(.server)
    #expect(endpoint.state == .open)
    #expect(endpoint.isIdle)
    #expect(endpoint.nextDeadline == nil)
    #expect(endpoint.closeCode == nil)
    #expect(!endpoint.shouldCloseTransport)
    #expect(!endpoint.wasClean)
  }

  @Test
  func `a client without keys is a mistake of the program`() async {
    await #expect(processExitsWith: .failure) {
      _ = Connection(role: .client)
    }
  }
}

/// A script of everything a peer may do, as one stream of octets.
private struct Conversation {
  var bytes: [UInt8] = []
  var events: [RecordedEvent] = []

  mutating func add(_ role: Role, _ frames: Frame..., gives event: RecordedEvent? = nil) {
    bytes += frames.flatMap { $0.toward(role).encoded }
    if let event { events.append(event) }
  }

  init(toward role: Role) {
    let long = [UInt8](repeating: 0x61, count: 300)
    add(role, .text("Hello, wörld"), gives: .text("Hello, wörld"))
    add(role, .text(""), gives: .text(""))
    add(role, Frame(.binary, long), gives: .message(.binary, long))
    add(role, Frame(.ping, [1, 2, 3]), gives: .ping([1, 2, 3]))
    add(role, Frame(.pong), gives: .pong([]))
    add(role, Frame(.text, Array("日本".utf8.prefix(4)), isFinal: false))
    add(role, Frame(.ping, Array("between".utf8)), gives: .ping(Array("between".utf8)))
    add(role, Frame(.continuation, [], isFinal: false))
    add(role, Frame(.continuation, Array("日本".utf8.dropFirst(4)), isFinal: false))
    add(role, Frame(.pong, [9]), gives: .pong([9]))
    add(role, Frame(.continuation, Array("!".utf8)), gives: .text("日本!"))
    add(role, Frame(.binary, [], isFinal: false))
    add(role, Frame(.continuation, []), gives: .message(.binary, []))
    add(role, .close(1000, reason: Array("bye".utf8)), gives: .close(1000, "bye"))
    add(role, .text("never seen"))
  }
}

@Suite("How octets arrive makes no difference")
struct ArrivalTests {
  @Test(arguments: [Role.server, .client])
  func `a conversation is the same in reads of any length`(role: Role) {
    let conversation = Conversation(toward: role)
    let whole = Endpoint(role)
    whole.receive(conversation.bytes)
    #expect(whole.events == conversation.events)
    let answers = whole.takeFrames()
    #expect(answers.map(\.header.opcode) == [.pong, .pong, .close])
    for chunkLength in 1...conversation.bytes.count {
      let endpoint = Endpoint(role)
      endpoint.receive(conversation.bytes, chunkLength: chunkLength)
      #expect(endpoint.events == conversation.events)
      #expect(endpoint.takeFrames() == answers)
    }
  }

  @Test(arguments: [Role.server, .client])
  func `a conversation is the same cut in two at any octet`(role: Role) {
    let conversation = Conversation(toward: role)
    for cut in 0...conversation.bytes.count {
      let endpoint = Endpoint(role)
      endpoint.receive(Array(conversation.bytes[..<cut]))
      let before = endpoint.events
      #expect(Array(conversation.events.prefix(before.count)) == before)
      endpoint.receive(Array(conversation.bytes[cut...]))
      #expect(endpoint.events == conversation.events)
    }
  }

  @Test(arguments: [Role.server, .client])
  func `pieces put together are the messages, in reads of any length`(role: Role) {
    let conversation = Conversation(toward: role)
    for chunkLength in [1, 2, 3, 4, 5, 8, 100, 1000] {
      let endpoint = Endpoint(role, ConnectionConfiguration(delivery: .fragments))
      endpoint.receive(conversation.bytes, chunkLength: chunkLength)
      var events: [RecordedEvent] = []
      var payload: [UInt8]?
      for event in endpoint.events {
        guard case .fragment(let kind, let piece, let isFirst, let isFinal) = event else {
          events.append(event)
          continue
        }
        #expect(isFirst == (payload == nil))
        payload = (payload ?? []) + piece
        if isFinal {
          events.append(.message(kind, payload ?? []))
          payload = nil
        }
      }
      #expect(events == conversation.events)
    }
  }

  @Test(arguments: UInt64(0)..<60)
  func `random octets never trap, and how they are cut makes no difference`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for role in Role.allCases {
      var bytes: [UInt8] = []
      for _ in 0..<8 {
        var frame = Frame(
          Opcode(rawValue: UInt8.random(in: 0...15, using: &generator)),
          generator.octets(Int.random(in: 0...200, using: &generator)),
          isFinal: Bool.random(using: &generator),
          rsv: UInt8.random(in: 0...9, using: &generator) == 0 ? 4 : 0)
        if Int.random(in: 0...9, using: &generator) == 0 {
          frame.header.payloadLength = generator.next()
        }
        bytes += frame.toward(role).encoded
      }
      if seed % 3 == 0 { bytes = generator.octets(300) }
      let agreement = seed % 2 == 0 ? PerMessageDeflate.Agreement() : nil
      let whole = Endpoint(role, compression: agreement)
      whole.receive(bytes)
      for chunkLength in [1, 2, 7, 50] {
        let endpoint = Endpoint(role, compression: agreement)
        endpoint.receive(bytes, chunkLength: chunkLength)
        #expect(endpoint.events == whole.events)
        #expect(endpoint.state == whole.state)
      }
    }
  }
}
