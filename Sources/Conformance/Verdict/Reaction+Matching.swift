import CaseLanguage

extension Reaction {
  /// Whether these events are the reaction; optional ones may be absent.
  func matches(_ facts: [PlayedEvent]) -> Bool {
    Self.matches(facts[...], events[...], isPrefix: false)
  }

  /// Whether these events can still become the reaction.
  func canBecome(_ facts: [PlayedEvent]) -> Bool {
    Self.matches(facts[...], events[...], isPrefix: true)
  }

  private static func matches(
    _ events: ArraySlice<PlayedEvent>, _ expected: ArraySlice<ExpectedEvent>, isPrefix: Bool
  ) -> Bool {
    if events.isEmpty { return isPrefix || expected.allSatisfy(\.isOptional) }
    guard let next = expected.first, let event = events.first else { return false }
    if event.matches(next.kind),
      matches(events.dropFirst(), expected.dropFirst(), isPrefix: isPrefix)
    {
      return true
    }
    return next.isOptional && matches(events, expected.dropFirst(), isPrefix: isPrefix)
  }
}

extension Expectation {
  /// How we end the connection now that these events have come; nil: more may come, or the peer ends.
  func endingOnceComplete(_ events: [PlayedEvent]) -> Ending? {
    let possible = reactions.filter { $0.opening.opens && $0.canBecome(events) }
    guard !possible.isEmpty,
      possible.allSatisfy({ $0.ending.initiator == .us && $0.matches(events) })
    else { return nil }
    return possible.first?.ending
  }
}
