import CaseLanguage
import Conformance
import Reports
import Testing
import WebSocketProtocol

@Suite("Compressed messages of a script")
struct PlayerCompressionTests {
  static func message(_ text: String, _ compression: Step.Compression, cut: Int? = nil) -> Step {
    .message(
      Step.Message(
        kind: .text, payload: .text(text), fragmentSize: cut, compression: compression))
  }

  @Test(arguments: [
    // RFC 7692 §7.2.3.1 and §7.2.3.3.
    (Step.Compression.fixed, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]),
    (.stored, [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]),
  ])
  func `the blocks are those of the examples`(blocks: Step.Compression, octets: [UInt8]) throws {
    let play = PlayerHarness([Self.message("Hello", blocks)])
      .start(compression: PerMessageDeflate.Agreement())
    let frame = try #require(play.sent.first)
    #expect(frame.header.rsv == 4)
    #expect(frame.payload == octets)
  }

  @Test func `the context is kept over messages with different blocks`() throws {
    let agreement = PerMessageDeflate.Agreement()
    let texts = ["Hello, hello, hello", "hello again", "Hello, hello, hello again"]
    let play = PlayerHarness([
      Self.message(texts[0], .fixed), Self.message(texts[1], .stored),
      Self.message(texts[2], .smallest),
    ]).start(compression: agreement)
    var decompressor = MessageDecompressor(agreement: agreement, role: .server)
    for (frame, text) in zip(play.sent, texts) {
      var output: [UInt8] = []
      try decompressor.decompress(frame.payload.span, isFinal: true, to: &output, limit: 1000)
      #expect(String(decoding: output, as: UTF8.self) == text)
    }
    #expect(play.sent.count == 3)
    #expect(play.sent[2].payload.count < 16)
  }

  @Test func `what is cut is what goes over the wire, and RSV1 is on the first frame`() {
    let play = PlayerHarness([Self.message("Hello", .fixed, cut: 3)])
      .start(compression: PerMessageDeflate.Agreement())
    #expect(play.sent.map(\.payload.count) == [3, 3, 1])
    #expect(play.sent.map(\.header.rsv) == [4, 0, 0])
  }

  @Test func `without an agreement a case that permits that goes on, uncompressed`() {
    let policy = CompressionPolicy(
      offers: ["permessage-deflate"], acceptance: [], agreements: [.declined, .accepted([])])
    let play = PlayerHarness([Self.message("Hello", .fixed)], compression: policy).start()
    #expect(play.sent.map(\.header.rsv) == [0])
    #expect(!play.facts.lacksCompression)
  }

  @Test func `a case that needs a reset context is not played where ours is kept`() {
    let policy = CompressionPolicy(
      offers: ["permessage-deflate; client_no_context_takeover"], acceptance: [], needsReset: true)
    let kept = PlayerHarness([.text("a")], compression: policy)
      .start(compression: PerMessageDeflate.Agreement())
    #expect(kept.facts.lacksCompression)
    #expect(kept.sent.map(\.header.opcode) == [.close])
    let reset = PlayerHarness([.text("a")], compression: policy)
      .start(compression: PerMessageDeflate.Agreement(clientNoContextTakeover: true))
    #expect(!reset.facts.lacksCompression)
  }

  @Test func `an answer that the case does not permit fails it`() {
    let policy = CompressionPolicy(
      offers: ["permessage-deflate"], acceptance: [], agreements: [.declined])
    let play = PlayerHarness([.text("a")], compression: policy)
    play.player.start(
      at: play.now, compression: PerMessageDeflate.Agreement(),
      answer: ExtensionElement("permessage-deflate"))
    play.wait(.zero)
    #expect(play.sent.map(\.header.opcode) == [.close])
    let strict = StrictVerdict(of: play.player.playedCase, facts: play.lose())
    #expect(strict.verdict.behaviour == .fail)
    #expect(strict.reason == "the answer to our offers is not permitted: permessage-deflate")
  }

  @Test func `Pongs may be put together, and then we close`() {
    let optional = ExpectedEvent(.pong(.text("1")), isOptional: true)
    let last = ExpectedEvent(.pong(.text("2")))
    let expected = CaseExpectation(reactions: [
      Reaction(events: [optional, last]),
      Reaction(
        events: [ExpectedEvent(.pong(.text("3")))],
        ending: Ending(initiator: .peer, codes: [1002], isCleanRequired: false)),
    ])
    let play = PlayerHarness([.text("a")], expects: expected).start()
    play.receive(Frame(.pong, Array("1".utf8)))
    #expect(!play.facts.closedByUs)
    play.receive(Frame(.pong, Array("2".utf8)))
    #expect(play.facts.closedByUs)
  }
}
