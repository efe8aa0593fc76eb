import CaseLanguage

/// How far the events that have arrived go along one reaction.
struct ReactionProgress {
  let reaction: Reaction
  /// How many expected events may be dealt with by now, in ascending order.
  ///
  /// It is one number unless optional events make it unclear; none: this is another reaction.
  private var positions = [0]
  /// From here on all expected events are optional.
  private let tail: Int

  init(_ reaction: Reaction) {
    self.reaction = reaction
    tail = (reaction.events.lastIndex { !$0.isOptional } ?? -1) + 1
  }

  /// Whether this can still become the reaction.
  var isPossible: Bool { !positions.isEmpty }
  /// Whether this is the reaction, if nothing more comes.
  var isComplete: Bool { positions.last.map { $0 >= tail } ?? false }

  /// Takes the next event; a step takes as long as there are optional events to skip.
  mutating func take(_ event: PlayedEvent) {
    let expected = reaction.events
    var next: [Int] = []
    var tested = 0
    for position in positions where position >= tested {
      var index = position
      while index < expected.count {
        if event.matches(expected[index].kind) { next.append(index + 1) }
        tested = index + 1
        guard expected[index].isOptional else { break }
        index += 1
      }
    }
    positions = next
  }
}

extension Reaction {
  /// Whether these events are the reaction; optional ones may be absent.
  func matches(_ events: [PlayedEvent]) -> Bool {
    var progress = ReactionProgress(self)
    for event in events where progress.isPossible { progress.take(event) }
    return progress.isComplete
  }
}

/// How far the events that have arrived go along all reactions of a case.
struct ExpectationProgress {
  private var reactions: [ReactionProgress]
  private var eventCount = 0

  init(_ expectation: Expectation) {
    reactions = expectation.reactions.filter(\.opening.opens).map(ReactionProgress.init)
  }

  /// Takes the events that are new in `events`.
  mutating func update(_ events: [PlayedEvent]) {
    for event in events[eventCount...] {
      for index in reactions.indices { reactions[index].take(event) }
    }
    eventCount = events.count
  }

  /// How we end the connection now; nil: more may come, or the peer ends it.
  var ending: Ending? {
    let possible = reactions.filter(\.isPossible)
    guard !possible.isEmpty,
      possible.allSatisfy({ $0.reaction.ending.initiator == .us && $0.isComplete })
    else { return nil }
    return possible.first?.reaction.ending
  }
}
