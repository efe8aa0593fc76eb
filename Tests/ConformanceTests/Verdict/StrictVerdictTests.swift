import CaseLanguage
import Conformance
import Reports
import Testing
import WebSocketProtocol

@Suite("Our own verdicts")
struct StrictVerdictTests {
  @Test func `a case that goes as required passes`() {
    let strict = StrictVerdict(of: sampleCase(CaseExpectation()), facts: goodFacts())
    #expect(strict.verdict == Verdict(.pass))
    #expect(strict.reason == "as required")
  }

  @Test func `no opening handshake fails with its reason`() {
    var facts = CaseFacts(role: .client)
    facts.openingFailure = "the server answered 403"
    let strict = StrictVerdict(of: sampleCase(CaseExpectation()), facts: facts)
    #expect(strict.verdict == Verdict(.fail))
    #expect(strict.reason.contains("403"))
  }

  @Test func `an optional event may be absent, and reactions of ours count`() {
    let (first, second) = (ExpectedEvent(.pong(.text("1"))), ExpectedEvent(.pong(.text("2"))))
    let item = sampleCase(
      CaseExpectation(reactions: [
        Reaction(events: [first, second]),
        Reaction(
          events: [ExpectedEvent(first.kind, isOptional: true), second], grade: .acceptable,
          isEstablished: false),
      ]))
    let facts = goodFacts { $0.events = [.pong(PlayedOctets([0x32]))] }
    #expect(
      StrictVerdict(of: item, facts: facts).verdict
        == Verdict(behaviour: .acceptable, closing: .pass))
    #expect(EstablishedVerdict(of: item, facts: facts).behaviour == .failed)
  }

  @Test func `the content of an echo counts where the established suite does not look`() {
    let item = sampleCase(CaseExpectation(judgement: .firstMessage))
    let facts = goodFacts {
      $0.echo.established = true
      $0.echo.strict = false
      $0.echo.complaint = "the echo is of other content"
    }
    let strict = StrictVerdict(of: item, facts: facts)
    #expect(strict.verdict.behaviour == .fail)
    #expect(strict.reason == "the echo is of other content")
    #expect(EstablishedVerdict(of: item, facts: facts).behaviour == .ok)
  }

  @Test func `a missing compression is unsupported`() {
    let facts = goodFacts { $0.lacksCompression = true }
    let item = sampleCase(CaseExpectation(judgement: .exchange))
    #expect(StrictVerdict(of: item, facts: facts).verdict.overall == .unsupported)
  }

  @Test func `a missing compression is unsupported where the peer was to fail the connection`() {
    let item = sampleCase(
      CaseExpectation(reactions: [Reaction(ending: Ending(initiator: .peer, codes: [1002]))]))
    let facts = goodFacts { $0.lacksCompression = true }
    #expect(StrictVerdict(of: item, facts: facts).verdict.overall == .unsupported)
    let unclean = goodFacts {
      ($0.lacksCompression, $0.wasClean, $0.closeReplyTimedOut) = (true, false, true)
    }
    #expect(StrictVerdict(of: item, facts: unclean).verdict.closing == .fail)
  }

  @Test func `a peer may repeat the code with which we end a case at its limit`() {
    let item = sampleCase(CaseExpectation())
    let repeated = goodFacts {
      ($0.localClose, $0.remoteClose) = (PlayedClose(code: 1001), PlayedClose(code: 1001))
    }
    #expect(StrictVerdict(of: item, facts: repeated).verdict.closing == .pass)
    let invented = goodFacts { $0.remoteClose = PlayedClose(code: 1001) }
    #expect(StrictVerdict(of: item, facts: invented).verdict.closing == .fail)
  }

  @Test(arguments: [
    ("no Close came", goodFacts { ($0.wasClean, $0.closeReplyTimedOut) = (false, true) }),
    ("drop TCP", goodFacts { ($0.wasClean, $0.serverDropTimedOut) = (false, true) }),
    ("without a closing handshake", goodFacts { ($0.wasClean, $0.remoteClose) = (false, nil) }),
    ("close code 1011 instead of 1000", goodFacts { $0.remoteClose?.code = 1011 }),
    ("drop TCP", goodFacts { $0.droppedByUs = true }),
    ("the peer closed", goodFacts { $0.closedByUs = false }),
    ("dropped the connection", goodFacts { ($0.closedByUs, $0.remoteClose) = (false, nil) }),
  ])
  func `a bad closing says what was bad`(words: String, facts: CaseFacts) {
    let strict = StrictVerdict(of: sampleCase(CaseExpectation()), facts: facts)
    #expect(strict.verdict.closing == .fail)
    #expect(strict.reason.contains(words), "\(strict.reason)")
  }

  @Test func `a code that was registered later is a code like others`() {
    let reply = goodFacts {
      ($0.wasClean, $0.droppedByUs) = (false, true)
      $0.remoteClose?.code = 1012
    }
    let item = sampleCase(CaseExpectation())
    #expect(StrictVerdict(of: item, facts: reply).reason == "close code 1012 instead of 1000")
    #expect(EstablishedVerdict(of: item, facts: reply).closing == .unclean)
    let allowing = sampleCase(
      CaseExpectation(reactions: [Reaction(ending: Ending(codes: [1000, 1012]))]))
    #expect(StrictVerdict(of: allowing, facts: reply).verdict == Verdict(.pass))
    let first = goodFacts {
      $0.refusedRegisteredCode = true
      $0.remoteClose?.code = 1012
    }
    #expect(StrictVerdict(of: item, facts: first).reason.contains("the peer closed"))
  }

  @Test func `what the peer sends against the rules fails a case that ends as required`() {
    let pong = ExpectedEvent.Kind.pong(.text("1"))
    let play = PlayerHarness(
      [.frame(Step.Frame(opcode: .ping, payload: .text("1")))], expects: .events(pong)
    ).start()
    play.receive(Frame(Opcode(rawValue: 0xb)), Frame(.pong, [0x31]), Frame(.close, []))
    let facts = play.lose()
    let item = play.player.playedCase
    let established = EstablishedVerdict(of: item, facts: facts)
    #expect(established.behaviour == .ok && established.closing == .ok)
    let strict = StrictVerdict(of: item, facts: facts)
    #expect(strict.verdict == Verdict(behaviour: .fail, closing: .pass))
    #expect(strict.reason == "the peer sent a frame of reserved opcode 11")
    let unsupported = goodFacts {
      ($0.lacksCompression, $0.violations) = (true, ["a masked frame"])
    }
    #expect(StrictVerdict(of: item, facts: unsupported).verdict.behaviour == .fail)
  }

  @Test(arguments: [1012, 1013, 1014])
  func `a code that was registered later breaks no rule, and excuses none`(code: UInt16) {
    let play = PlayerHarness([.close(Step.Close(code: 1000))]).start()
    play.receive(.close(CloseCode(rawValue: code)))
    #expect(play.facts.failedByUs && play.facts.violations.isEmpty)
    let worse = goodFacts {
      $0.remoteClose?.code = code
      $0.violations = ["a masked frame"]
    }
    let allowing = sampleCase(
      CaseExpectation(reactions: [Reaction(ending: Ending(codes: [1000, code]))]))
    let strict = StrictVerdict(of: allowing, facts: worse)
    #expect(strict.verdict.behaviour == .fail)
    #expect(strict.reason == "the peer sent a masked frame")
  }

  @Test func `what came instead is said in one line`() {
    let item = sampleCase(
      CaseExpectation(reactions: [
        Reaction(events: [ExpectedEvent(.message(.text, .text("a")))])
      ]))
    func reason(_ events: PlayedEvent...) -> String {
      StrictVerdict(of: item, facts: goodFacts { $0.events = events }).reason
    }
    #expect(reason() == "a text message of 1 octets did not come")
    #expect(reason(.pong(PlayedOctets([]))).contains("instead of"))
    #expect(
      reason(.message(.text, PlayedOctets([0x61])), .pong(PlayedOctets([])))
        == "unexpected a Pong of 0 octets")
  }
}
