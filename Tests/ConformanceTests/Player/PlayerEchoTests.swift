import CaseLanguage
import Conformance
import Reports
import Testing
import WebSocketProtocol

@Suite("Exchanges of messages and their echoes")
struct PlayerEchoTests {
  static let agreement = PerMessageDeflate.Agreement(clientNoContextTakeover: true)
  static let policy = CompressionPolicy(offers: ["permessage-deflate"], acceptance: [])

  func exchange(
    _ count: Int, comparison: Step.Comparison = .content, compression: CompressionPolicy? = nil,
    fragmentSize: Int? = nil
  ) -> PlayerHarness {
    let step = Step.Exchange(
      count: count, kind: .text, content: .constant(.text("hello")), fragmentSize: fragmentSize,
      aliasComparison: comparison)
    return PlayerHarness(
      [.exchange(step)], expects: CaseExpectation(judgement: .exchange),
      deadline: Deadline(.seconds(60), .close), compression: compression)
  }

  @Test func `each message waits for the echo of the one before, and then we close`() {
    let play = exchange(3).start()
    for round in 1...3 {
      #expect(play.sent.count == round)
      play.receive(.text("hello"))
    }
    #expect(play.sent.last?.closeCode == 1000)
    #expect(play.facts.echo.established == true && play.facts.echo.strict == true)
  }

  @Test func `an echo of other content ends it, unless only the length counts`() {
    let play = exchange(3).start()
    play.receive(.text("jello"))
    #expect(play.facts.echo.established == false && play.facts.closedByUs)
    let lenient = exchange(2, comparison: .length).start()
    lenient.receive(.text("jello"), .text("hello"))
    #expect(lenient.facts.echo.established == true && lenient.facts.echo.strict == false)
  }

  @Test(arguments: [Frame.text("hell"), Frame(.binary, Array("hello".utf8))])
  func `an echo of other length or kind ends it`(echo: Frame) {
    let play = exchange(3, comparison: .length).start()
    play.receive(echo)
    #expect(play.facts.echo.established == false && play.facts.closedByUs)
  }

  @Test func `a Pong that nobody asked for makes us close at once`() {
    let play = exchange(3).start()
    play.receive(Frame(.pong))
    #expect(play.sent.last?.closeCode == 1000)
    #expect(play.facts.echo.established == nil)
  }

  @Test func `the time limit sends an empty Close and leaves no verdict`() {
    let play = exchange(3).start()
    play.wait(.seconds(60))
    #expect(play.sent.last?.payload == [])
    #expect(play.facts.echo.established == nil)
  }

  @Test func `without the compression it needs a case closes at once`() {
    let play = exchange(3, compression: Self.policy).start()
    #expect(play.sent.map(\.closeCode) == [1000])
    #expect(play.facts.lacksCompression)
    play.receive(.text("hello"))
    #expect(play.facts.echo.established == false)
  }

  @Test func `messages are compressed, then cut, and echoes may be compressed or not`() throws {
    let play = exchange(2, compression: Self.policy, fragmentSize: 3)
      .start(compression: Self.agreement)
    let first = play.sent
    #expect(first.map(\.header.rsv) == [4] + Array(repeating: 0, count: first.count - 1))
    #expect(first.allSatisfy { $0.payload.count <= 3 })
    var compressor = MessageCompressor(agreement: Self.agreement, role: .server)
    var compressed: [UInt8] = []
    compressor.compress(Array("hello".utf8).span, to: &compressed)
    #expect(first.flatMap(\.payload) == compressed)
    play.receive(Frame(.text, compressed, rsv: 4))
    play.receive(.text("hello"))
    #expect(play.facts.echo.established == true)
  }

  @Test func `octets that do not inflate are an offence`() {
    let play = exchange(2, compression: Self.policy).start(compression: Self.agreement)
    play.receive(Frame(.text, [0xff, 0xff, 0xff], rsv: 4))
    #expect(play.facts.failedByUs)
  }

  @Test func `the first message decides, and a later good one mends the alias verdict`() {
    let expected = Payload.text("hello")
    func play() -> PlayerHarness {
      PlayerHarness(
        [.text("hello")],
        expects: CaseExpectation(
          judgement: .firstMessage,
          reactions: [Reaction(events: [ExpectedEvent(.message(.text, expected))])]),
        deadline: Deadline(.seconds(10), .close)
      ).start()
    }
    let good = play()
    good.receive(.text("hello"))
    #expect(good.facts.echo.established == true && good.facts.echo.strict == true)
    #expect(good.facts.closedByUs)
    let flipped = play()
    flipped.receive(.text("jello"))
    #expect(flipped.facts.echo.established == true && flipped.facts.echo.strict == false)
    let mended = play()
    mended.receive(.text("hell"), .text("hello"))
    #expect(mended.facts.echo.established == true && mended.facts.echo.strict == false)
  }

  @Test(arguments: 1...3)
  func `a peer that sends everything twice fails an exchange`(count: Int) {
    let play = exchange(count).start()
    for _ in 0..<count { play.receive(.text("hello"), .text("hello")) }
    play.receive(.close(1000))
    let (item, facts) = (play.player.playedCase, play.lose())
    #expect(facts.echo.count == count)
    #expect(EstablishedVerdict(of: item, facts: facts).behaviour == .ok)
    let strict = StrictVerdict(of: item, facts: facts)
    #expect(strict.verdict == Verdict(behaviour: .fail, closing: .pass))
    #expect(strict.reason == "a message came while no echo was due")
  }

  @Test func `a message before the exchange begins is a fault`() {
    let step = Step.Exchange(count: 1, kind: .text, content: .constant(.text("hello")))
    let play = PlayerHarness(
      [.pause(Step.Pause(.seconds(1))), .exchange(step)],
      expects: CaseExpectation(judgement: .exchange)
    ).start()
    play.receive(.text("hello"))
    play.wait(.seconds(1))
    play.receive(.text("hello"))
    #expect(play.facts.echo.established == true && play.facts.echo.strict == false)
  }

  @Test func `a peer that sends the deciding message twice fails`() {
    let play = PlayerHarness(
      [.text("hello")],
      expects: CaseExpectation(
        judgement: .firstMessage,
        reactions: [Reaction(events: [ExpectedEvent(.message(.text, .text("hello")))])])
    ).start()
    play.receive(.text("hello"), .text("hello"), .close(1000))
    let (item, facts) = (play.player.playedCase, play.lose())
    #expect(EstablishedVerdict(of: item, facts: facts).behaviour == .ok)
    let strict = StrictVerdict(of: item, facts: facts)
    #expect(strict.verdict == Verdict(behaviour: .fail, closing: .pass))
    #expect(strict.reason == "a further message came after the first")
  }
}
