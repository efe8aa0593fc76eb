import CaseLanguage
import Conformance
import Testing
import WebSocketProtocol

@Suite("RFC 6455 §5 Framing, as the player demands it")
struct PlayerReceivingTests {
  @Test func `messages and Pongs are recorded, Pings are answered and are not`() {
    let play = PlayerHarness().start()
    play.receive(
      .text("a"), Frame(.ping, [1]), Frame(.pong, [2]), Frame(.binary, [3], isFinal: false),
      Frame(.ping), Frame(.continuation, [4]))
    #expect(
      play.facts.events == [
        .message(.text, PlayedOctets([0x61])), .pong(PlayedOctets([2])),
        .message(.binary, PlayedOctets([3, 4])),
      ])
    #expect(play.sent.map(\.header.opcode) == [.pong, .pong])
    #expect(play.sent[0].payload == [1])
  }

  @Test func `a Ping is not answered while closing, and messages still count`() {
    let play = PlayerHarness([.close(Step.Close(code: 1000))]).start()
    play.receive(Frame(.ping), .text("a"))
    #expect(play.sent.count == 1)
    #expect(play.facts.events.count == 1)
  }

  @Test func `octet by octet is the same as at once`() {
    let frames = [Frame.text("hällo"), Frame(.pong, [1, 2]), Frame.close(1000)]
    let whole = PlayerHarness(deadline: Deadline(.seconds(1), .kill)).start()
    whole.receive(octets: frames.flatMap(\.encoded))
    let pieces = PlayerHarness(deadline: Deadline(.seconds(1), .kill)).start()
    for octet in frames.flatMap(\.encoded) { pieces.receive(octets: [octet]) }
    #expect(whole.facts == pieces.facts)
    #expect(whole.written == pieces.written)
  }

  static let offences: [[UInt8]] = [
    [0xc1, 0], [0xa1, 0], [0x91, 0],  // RSV bits
    [0x81, 0x80, 0, 0, 0, 0],  // masked by a server
    [0x83, 0], [0x8b, 0],  // reserved opcodes
    [0x09, 0], [0x89, 126, 0, 126],  // control frames fragmented, too long
    [0x80, 0],  // continuation of nothing
    [0x01, 0, 0x81, 0],  // a message inside a message
    [0x82, 126, 0, 1, 0], [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1, 0],  // lengths too long
    [0x88, 1, 0],  // Close with one octet
  ]

  @Test(arguments: offences)
  func `an offence while open makes us fail the connection with 1002`(octets: [UInt8]) {
    let play = PlayerHarness([.text("a")]).start()
    play.receive(octets: octets)
    #expect(play.sent.last?.closeCode == 1002)
    #expect(play.facts.failedByUs && play.facts.closedByUs)
  }

  @Test(arguments: offences)
  func `an offence while closing makes us drop TCP`(octets: [UInt8]) {
    let play = PlayerHarness([.close(Step.Close(code: 1000))]).start()
    play.receive(octets: octets)
    #expect(play.player.wish == .close)
    #expect(play.facts.droppedByUs)
  }

  @Test func `after an offence messages are dropped, Pongs and the Close are not`() {
    let play = PlayerHarness([.text("a")]).start()
    play.receive(octets: [0xc1, 1, 0x61])
    play.receive(.text("b"), Frame(.pong, [1]), .close(1002))
    #expect(play.facts.events == [.pong(PlayedOctets([1]))])
    #expect(play.facts.wasClean && play.facts.remoteClose?.code == 1002)
  }

  @Test func `a client's frames must be masked`() {
    let play = PlayerHarness(role: .server).start()
    play.receive(.text("a"))
    #expect(play.sent.last?.closeCode == 1002)
    let good = PlayerHarness(role: .server).start()
    good.receive(Frame(.text, [0x61], maskingKey: MaskingKey(5, 6, 7, 8)))
    #expect(good.facts.events == [.message(.text, PlayedOctets([0x61]))])
  }

  @Test func `bad UTF-8 in a whole message is found twice: Close 1007, then TCP dropped`() {
    let play = PlayerHarness([.text("a")]).start()
    play.receive(Frame(.text, [0x61, 0xff]))
    #expect(play.sent.last?.closeCode == 1007)
    #expect(play.player.wish == .close)
    #expect(!play.facts.wasClean)
  }

  @Test func `bad UTF-8 in a fragment is found once`() {
    let play = PlayerHarness([.text("a")]).start()
    play.receive(Frame(.text, [0xce, 0xba, 0xf4, 0x90], isFinal: false))
    #expect(play.sent.last?.closeCode == 1007)
    #expect(play.player.wish == .none)
  }

  @Test func `a text that ends inside a code point is bad`() {
    let play = PlayerHarness([.text("a")]).start()
    play.receive(Frame(.text, [0xe2, 0x82]))
    #expect(play.sent.last?.closeCode == 1007)
  }

  @Test func `a long echo is compared, and kept only from the first difference on`() {
    let payload = Payload.repeated(Array("ab".utf8), count: 10_000)
    for changed in [0, 5_000, 9_999] {
      let play = PlayerHarness(expects: .events(.message(.binary, payload))).start()
      var octets = payload.bytes()
      octets[changed] = 0
      for start in stride(from: 0, to: 10_000, by: 2_500) {
        play.receive(
          Frame(
            start == 0 ? .binary : .continuation, Array(octets[start..<(start + 2_500)]),
            isFinal: start == 7_500))
      }
      #expect(play.facts.events == [.message(.binary, PlayedOctets(octets))])
      #expect(!play.facts.closedByUs)
    }
    let play = PlayerHarness(expects: .events(.message(.binary, payload))).start()
    play.receive(Frame(.binary, payload.bytes()))
    #expect(play.facts.closedByUs)
  }

  @Test func `a long text that goes bad after a good beginning is found`() {
    let payload = Payload.repeated([0x61], count: 10_000)
    let play = PlayerHarness(expects: .events(.message(.text, payload))).start()
    play.receive(octets: Frame(.text, payload.bytes().dropLast() + [0xff]).encoded)
    #expect(play.sent.last?.closeCode == 1007)
  }
}
