import CaseLanguage
import Conformance
import Testing
import WebSocketProtocol

@Suite("RFC 6455 §7 Closing, as the player does it")
struct PlayerClosingTests {
  @Test func `we close once everything that is expected has arrived`() {
    let play = PlayerHarness([.text("a")], expects: .events(.message(.text, .text("a")))).start()
    #expect(play.sent.map(\.header.opcode) == [.text])
    play.receive(.text("a"))
    #expect(play.sent.last == .close(1000, maskingKey: MaskingKey(1, 2, 3, 4)))
    #expect(play.facts.closedByUs)
    #expect(play.player.state == .closing)
  }

  @Test func `we do not close by ourselves where a step does`() {
    let play = PlayerHarness(
      [.close(Step.Close(code: 1000)), .text("late")],
      expects: .events(.message(.text, .text("a")))
    ).start()
    play.receive(.text("a"))
    #expect(play.sent.map(\.header.opcode) == [.close, .text])
  }

  @Test func `a client waits one second for the answer to its Close and aborts`() {
    let play = PlayerHarness([.close(Step.Close(code: 1000))]).start()
    play.wait(.milliseconds(999))
    #expect(play.player.wish == .none)
    play.wait(.milliseconds(1))
    #expect(play.player.wish == .abort)
    let facts = play.lose()
    #expect(facts.closeReplyTimedOut && facts.droppedByUs && !facts.wasClean)
  }

  @Test func `a client gives the server one second to drop TCP`() {
    let play = PlayerHarness([.close(Step.Close(code: 1000))]).start()
    play.wait(.milliseconds(900))
    play.receive(.close(1000))
    #expect(play.facts.wasClean)
    play.wait(.milliseconds(999))
    #expect(play.player.wish == .none)
    play.wait(.milliseconds(1))
    #expect(play.player.wish == .abort)
    #expect(play.facts.serverDropTimedOut && !play.facts.wasClean)
  }

  @Test func `a server drops TCP as soon as its Close is answered`() {
    let play = PlayerHarness([.close(Step.Close(code: 1000))], role: .server).start()
    play.receive(.close(1000, maskingKey: MaskingKey(9, 9, 9, 9)))
    #expect(play.player.wish == .abort)
    #expect(play.facts.wasClean && play.facts.droppedByUs)
  }

  @Test func `the Close of the peer is answered with 1000 whatever its code`() {
    let play = PlayerHarness(deadline: Deadline(.seconds(1), .kill)).start()
    play.receive(.close(1001, reason: Array("bye".utf8)))
    #expect(play.sent.last?.closeCode == 1000)
    #expect(play.facts.wasClean && !play.facts.closedByUs)
    #expect(play.facts.remoteClose == PlayedClose(code: 1001, reason: Array("bye".utf8)))
  }

  @Test func `a server closes TCP after it answered a Close`() {
    let play = PlayerHarness(role: .server).start()
    play.receive(.close(1000, maskingKey: .zero))
    #expect(play.player.wish == .close)
  }

  @Test func `only the kill deadline ends a client whose server closed and keeps TCP`() {
    let play = PlayerHarness(deadline: Deadline(.seconds(1), .kill)).start()
    play.receive(.close(1000))
    play.wait(.milliseconds(999))
    #expect(play.player.wish == .none)
    play.wait(.milliseconds(1))
    #expect(play.player.wish == .close)
    #expect(play.facts.droppedByUs && play.facts.wasClean && !play.facts.overran)
  }

  @Test func `without a kill deadline patience ends it`() {
    let play = PlayerHarness(deadline: Deadline(.seconds(1), .close)).start()
    play.receive(.close(1000))
    play.wait(.seconds(5))
    #expect(play.player.wish == .abort)
    #expect(play.facts.overran && play.facts.droppedByUs)
  }

  @Test func `a kill deadline while open sends Close 1001 and then the close timer runs`() {
    let play = PlayerHarness([.text("a")], deadline: Deadline(.milliseconds(500), .kill)).start()
    play.wait(.milliseconds(500))
    #expect(play.sent.last?.closeCode == 1001)
    #expect(play.facts.failedByUs && play.facts.closedByUs)
    play.wait(.seconds(1))
    #expect(play.player.wish == .abort)
  }

  @Test func `a kill deadline while closing closes TCP and leaves the handshake clean`() {
    let play = PlayerHarness(
      [.close(Step.Close(code: 1000))], deadline: Deadline(.milliseconds(500), .kill)
    ).start()
    play.receive(.close(1000))
    play.wait(.milliseconds(500))
    #expect(play.player.wish == .close)
    #expect(play.facts.wasClean && play.facts.droppedByUs)
  }

  @Test func `a close deadline sends an empty Close, and only while open`() {
    let play = PlayerHarness([.text("a")], deadline: Deadline(.seconds(1), .close)).start()
    play.wait(.seconds(1))
    #expect(play.sent.last?.header.opcode == .close)
    #expect(play.sent.last?.payload == [])
    let closing = PlayerHarness(
      [.close(Step.Close(code: 1000))], deadline: Deadline(.milliseconds(500), .close)
    ).start()
    closing.wait(.milliseconds(500))
    #expect(closing.sent.count == 1)
  }

  @Test(arguments: [0, 999, 1004, 1005, 1006, 1012, 1013, 1014, 1015, 1016, 2999, 5000, 65535])
  func `a code that the established suite refuses drops TCP while closing`(code: UInt16) {
    let play = PlayerHarness([.close(Step.Close(code: 1000))]).start()
    play.receive(.close(CloseCode(rawValue: code)))
    #expect(play.player.wish == .close)
    #expect(!play.facts.wasClean && play.facts.droppedByUs)
    #expect(play.facts.remoteClose?.code == code)
  }

  @Test(arguments: [1000, 1003, 1007, 1011, 3000, 4999])
  func `a code that it accepts makes the close clean`(code: UInt16) {
    let play = PlayerHarness([.close(Step.Close(code: 1000))]).start()
    play.receive(.close(CloseCode(rawValue: code)))
    #expect(play.facts.wasClean)
  }

  @Test func `a refused code while open is answered with Close 1002 as ours, and is clean`() {
    let play = PlayerHarness().start()
    play.receive(.close(1012))
    #expect(play.sent.last?.closeCode == 1002)
    #expect(play.facts.closedByUs && play.facts.wasClean)
  }

  @Test func `a reason that is not UTF-8 drops TCP while closing`() {
    let play = PlayerHarness([.close(Step.Close(code: 1000))]).start()
    play.receive(.close(1000, reason: [0xff, 0xfe]))
    #expect(play.player.wish == .close)
  }

  @Test func `a failed opening handshake leaves facts that say so`() {
    let play = PlayerHarness([.text("a")])
    play.player.openingFailed("403", timedOut: false)
    #expect(play.player.wish == .abort)
    let facts = play.lose()
    #expect(!facts.isOpened && facts.openingFailure == "403")
  }

  @Test func `a case without any deadline ends by the default one`() {
    let play = PlayerHarness([.text("a")]).start()
    play.wait(.seconds(11))
    #expect(play.player.wish == .abort)
  }
}
