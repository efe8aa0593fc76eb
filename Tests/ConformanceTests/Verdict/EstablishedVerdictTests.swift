import CaseLanguage
import Conformance
import Reports
import Testing
import WebSocketProtocol

/// Facts of a connection that was opened, closed by us, cleanly, with 1000.
func goodFacts(_ change: (inout CaseFacts) -> Void = { _ in }) -> CaseFacts {
  var facts = CaseFacts(role: .client)
  facts.isOpened = true
  facts.closedByUs = true
  facts.wasClean = true
  facts.remoteClose = PlayedClose(code: 1000)
  change(&facts)
  return facts
}

/// A case with this expectation and nothing else.
func sampleCase(_ expectation: CaseExpectation) -> Case {
  Case(
    id: "test", citation: Citation(document: "RFC 6455", section: "7"), expectation: expectation)
}

@Suite("The established suite's verdicts")
struct EstablishedVerdictTests {
  func closing(
    _ ending: Ending, _ facts: CaseFacts
  ) -> (AliasView.Behavior, AliasView.BehaviorClose) {
    let item = sampleCase(CaseExpectation(reactions: [Reaction(ending: ending)]))
    let verdict = EstablishedVerdict(of: item, facts: facts)
    return (verdict.behaviour, verdict.closing)
  }

  @Test func `no opening handshake fails on both axes`() {
    #expect(closing(Ending(), CaseFacts(role: .client)) == (.failed, .failed))
  }

  @Test func `the wrong endpoint comes before everything else`() {
    let facts = goodFacts {
      $0.closedByUs = false
      $0.wasClean = false
      $0.remoteClose?.code = 1011
      $0.droppedByUs = true
    }
    #expect(closing(Ending(), facts) == (.ok, .failed))
  }

  @Test func `unclean comes before a wrong code`() {
    let facts = goodFacts {
      $0.wasClean = false
      $0.remoteClose?.code = 1011
    }
    #expect(closing(Ending(), facts).1 == .unclean)
    #expect(closing(Ending(isCleanRequired: false), facts).1 == .wrongCode)
  }

  @Test func `a wrong code comes before the drop`() {
    let facts = goodFacts {
      $0.remoteClose?.code = 1011
      $0.droppedByUs = true
    }
    #expect(closing(Ending(), facts).1 == .wrongCode)
    #expect(closing(Ending(codes: [1000, 1011]), facts).1 == .failedByClient)
  }

  @Test func `an absent code is never wrong`() {
    #expect(closing(Ending(), goodFacts { $0.remoteClose = nil }).1 == .ok)
    #expect(closing(Ending(), goodFacts { $0.remoteClose?.code = nil }).1 == .ok)
  }

  @Test func `only a client complains that it had to drop TCP`() {
    #expect(closing(Ending(), goodFacts { $0.droppedByUs = true }).1 == .failedByClient)
    let server = goodFacts {
      $0.role = .server
      $0.droppedByUs = true
    }
    #expect(closing(Ending(), server).1 == .ok)
  }

  @Test(arguments: [1002, nil] as [UInt16?])
  func `a peer may fail the connection by a Close or by dropping TCP`(code: UInt16?) {
    let ending = Ending(initiator: .peer, codes: [1002], isCleanRequired: false)
    let facts = goodFacts {
      $0.closedByUs = false
      $0.wasClean = code != nil
      $0.remoteClose = code.map { PlayedClose(code: $0) }
    }
    #expect(closing(ending, facts) == (.ok, .ok))
  }

  @Test func `a peer that says nothing behaves well and closes badly`() {
    let ending = Ending(initiator: .peer, codes: [1002], isCleanRequired: false)
    #expect(closing(ending, goodFacts()) == (.ok, .failed))
  }

  @Test func `where a case says so a bad closing is a bad behaviour`() {
    var ending = Ending(initiator: .peer, codes: [1007], isCleanRequired: false)
    ending.failsOnWrongInitiator = true
    #expect(closing(ending, goodFacts()) == (.failed, .failed))
    let wrong = goodFacts { $0.remoteClose?.code = 1002 }
    #expect(closing(Ending(failsOnWrongCode: true), wrong) == (.failed, .wrongCode))
    #expect(closing(Ending(failsOnWrongInitiator: true), wrong) == (.ok, .wrongCode))
  }

  @Test func `a list of events is compared exactly`() {
    let events: [ExpectedEvent] = [
      ExpectedEvent(.message(.text, .text("a"))), ExpectedEvent(.pong(.empty)),
    ]
    let item = sampleCase(
      CaseExpectation(reactions: [Reaction(events: events), Reaction(grade: .acceptable)]))
    func behaviour(_ received: PlayedEvent...) -> AliasView.Behavior {
      EstablishedVerdict(of: item, facts: goodFacts { $0.events = received }).behaviour
    }
    let (message, pong) = (
      PlayedEvent.message(.text, PlayedOctets([0x61])), PlayedEvent.pong(PlayedOctets([]))
    )
    #expect(behaviour(message, pong) == .ok)
    #expect(behaviour() == .nonStrict)
    #expect(behaviour(pong, message) == .failed)
    #expect(behaviour(message) == .failed)
    #expect(behaviour(message, pong, pong) == .failed)
    #expect(behaviour(.message(.binary, PlayedOctets([0x61])), pong) == .failed)
    #expect(behaviour(.message(.text, PlayedOctets([0x61], byteCount: 2)), pong) == .failed)
  }

  @Test func `a missing compression is unimplemented until a message comes`() {
    let item = sampleCase(CaseExpectation(judgement: .exchange))
    func behaviour(_ established: Bool?) -> AliasView.Behavior {
      let facts = goodFacts {
        $0.lacksCompression = true
        $0.echo.established = established
      }
      return EstablishedVerdict(of: item, facts: facts).behaviour
    }
    #expect(behaviour(nil) == .unimplemented)
    #expect(behaviour(false) == .failed)
  }

  @Test(
    arguments: [(true, .ok), (false, .failed), (nil, .failed)] as [(Bool?, AliasView.Behavior)])
  func `an exchange that has not passed has failed`(
    established: Bool?, expected: AliasView.Behavior
  ) {
    let item = sampleCase(CaseExpectation(judgement: .exchange))
    let facts = goodFacts { $0.echo.established = established }
    #expect(EstablishedVerdict(of: item, facts: facts).behaviour == expected)
  }

  @Test func `informational cases are informational even without a handshake`() {
    let item = sampleCase(CaseExpectation(isInformational: true))
    let verdict = EstablishedVerdict(of: item, facts: CaseFacts(role: .client))
    #expect(verdict.behaviour == .informational && verdict.closing == .informational)
  }
}
