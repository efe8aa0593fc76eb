public import CaseLanguage
public import Reports

extension CaseDescription {
  /// What reports say about a case.
  public init(_ item: Case) {
    self.init(
      id: item.id, aliases: item.aliases.map(\.description), section: item.citation.description,
      level: RequirementLevel(rawValue: item.level.rawValue) ?? .must,
      title: item.title.isEmpty ? nil : item.title, why: item.why,
      script: CasePrinter.print(item), aliasDescription: item.title,
      aliasExpectation: Self.expectation(item))
  }

  private static func expectation(_ item: Case) -> String {
    if item.expectation.isInformational { return "Informational." }
    return item.expectation.establishedReactions.map { reaction in
      let events =
        reaction.events.isEmpty
        ? "nothing" : reaction.events.map(\.description).joined(separator: ", then ")
      let ending = reaction.ending
      let codes = Set(ending.codes).sorted().map(String.init).joined(separator: " or ")
      let close =
        ending.initiator == .us
        ? "we close\(ending.isCleanRequired ? " cleanly" : "") (\(codes))"
        : "the peer fails the connection (\(codes), no code, or TCP dropped)"
      let word = reaction.grade == .pass ? "OK" : "NON-STRICT"
      return item.expectation.judgement == .events
        ? "\(word): \(events); \(close)." : "\(word): every echo as sent, in time; \(close)."
    }.joined(separator: " ")
  }
}
