import CaseLanguage
import Conformance
import Testing
import WebSocketProtocol

@Suite("Manners that a configuration changes")
struct PlayerMannersTests {
  func harness(
    role: Role = .client, _ change: (inout PlayerManners) -> Void = { _ in }
  ) -> PlayerHarness {
    var settings = PlayerSettings()
    change(&settings.manners)
    return PlayerHarness([.text("hi")], expects: .events(), role: role, settings: settings).start()
  }

  @Test func `a Close is answered with 1000, or with its own code and reason`() {
    let close = Frame(.close, [0x03, 0xe9] + Array("bye".utf8))
    let usual = harness()
    usual.receive(close)
    #expect(usual.sent.last?.payload == [0x03, 0xe8])
    let echoing = harness { $0.echoesClose = true }
    echoing.receive(close)
    #expect(echoing.sent.last?.payload == close.payload)
    let empty = harness { $0.echoesClose = true }
    empty.receive(Frame(.close, []))
    #expect(empty.sent.last?.payload == [])
  }

  @Test func `a violation is answered with a Close, or by dropping TCP`() {
    let usual = harness()
    usual.receive(Frame(.continuation, [1]))
    #expect(usual.sent.last?.header.opcode == .close)
    let dropping = harness { $0.failsByDrop = true }
    dropping.receive(Frame(.continuation, [1]))
    #expect(dropping.sent.count == 1)
    #expect(dropping.player.wish == .abort)
    #expect(dropping.lose().failedByUs)
  }

  @Test func `masking is looked at, unless it is tolerated`() {
    let unmasked = Frame(.text, Array("x".utf8))
    let usual = harness(role: .server)
    usual.receive(unmasked)
    #expect(usual.facts.violations == ["an unmasked frame"])
    let tolerant = harness(role: .server) { $0.toleratesMasking = true }
    tolerant.receive(unmasked)
    #expect(tolerant.facts.violations.isEmpty)
  }

  @Test func `frames are masked as the role demands, or as configured`() {
    #expect(harness().sent.first?.header.maskingKey != nil)
    #expect(harness { $0.masks = false }.sent.first?.header.maskingKey == nil)
    #expect(harness(role: .server).sent.first?.header.maskingKey == nil)
    #expect(harness(role: .server) { $0.masks = true }.sent.first?.header.maskingKey != nil)
  }

  @Test func `there may be limits on frames, on messages, and none on UTF-8`() {
    let frame = harness { $0.frameByteCount = 3 }
    frame.receive(Frame(.text, Array("four".utf8)))
    #expect(frame.facts.localClose?.code == 1009)
    let message = harness { $0.messageByteCount = 3 }
    message.receive(Frame(.text, Array("ab".utf8), isFinal: false))
    #expect(message.facts.localClose == nil)
    message.receive(Frame(.continuation, Array("cd".utf8)))
    #expect(message.facts.localClose?.code == 1009)
    let lax = harness { $0.checksUTF8 = false }
    lax.receive(Frame(.text, [0xff]))
    #expect(lax.facts.violations.isEmpty)
    let strict = harness()
    strict.receive(Frame(.text, [0xff]))
    #expect(strict.facts.violations.first == "text that is not UTF-8")
  }

  @Test func `a Pong to a Ping beside the case does not count`() {
    let pinging = harness { $0.pings = .init(interval: .seconds(3), byteCount: 5) }
    pinging.wait(.seconds(3))
    #expect(pinging.sent.last?.header.opcode == .ping)
    #expect(pinging.sent.last?.payload == [1, 1, 1, 1, 1])
    pinging.receive(Frame(.pong, [1, 1, 1, 1, 1]))
    #expect(pinging.facts.events.isEmpty)
    pinging.receive(Frame(.pong, [9]))
    #expect(pinging.facts.events.count == 1)
    pinging.wait(.seconds(3))
    pinging.wait(.seconds(3))
    #expect(pinging.sent.last?.payload == [3, 3, 3, 3, 3])
    pinging.receive(Frame(.pong, [2, 2, 2, 2, 2]), Frame(.pong, [3, 3, 3, 3, 3]))
    #expect(pinging.facts.events.count == 1)
    #expect(pinging.player.wish == .none)
  }

  @Test func `TCP is dropped when no Pong comes in time`() {
    let pinging = harness { $0.pings = .init(interval: .seconds(2), timeout: .seconds(3)) }
    for _ in 0..<4 { pinging.wait(.seconds(1)) }
    #expect(pinging.player.wish == .none)
    pinging.wait(.seconds(1))
    #expect(pinging.player.wish == .abort)
    #expect(!pinging.lose().wasClean)
  }

  @Test func `messages of an exchange may go out in fragments`() {
    let step = Step.Exchange(
      count: 1, kind: .text, content: .constant(.text("abcde")))
    var settings = PlayerSettings()
    settings.manners.fragmentByteCount = 2
    let play = PlayerHarness(
      [.exchange(step)], expects: CaseExpectation(judgement: .exchange), settings: settings
    ).start()
    #expect(play.sent.map(\.payload.count) == [2, 2, 1])
  }
}
