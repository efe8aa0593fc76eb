import CaseLanguage
import Testing

@testable import Conformance

@Suite("Events along a reaction")
struct ReactionMatchingTests {
  /// Pongs: `a` must come, `a?` may.
  func reaction(_ text: String) -> Reaction {
    Reaction(
      events: text.split(separator: " ").map { word in
        ExpectedEvent(.pong(.text(String(word.prefix(1)))), isOptional: word.hasSuffix("?"))
      })
  }

  func events(_ text: String) -> [PlayedEvent] {
    text.utf8.map { .pong(PlayedOctets([$0])) }
  }

  @Test(arguments: [
    ("", "", true), ("a", "", false), ("a", "a", true), ("a", "aa", false), ("a?", "", true),
    ("a? b", "b", true), ("a? b", "ab", true), ("a? b", "a", false), ("a? b", "ba", false),
    ("a? a", "a", true), ("a? a", "aa", true), ("a? a", "aaa", false), ("a? b? c? d", "bd", true),
    ("a? b? c? d", "cad", false), ("a b? a?", "aa", true), ("a? b a? b?", "bb", true),
  ])
  func `optional events may be absent`(expected: String, arrived: String, fits: Bool) {
    #expect(reaction(expected).matches(events(arrived)) == fits)
  }

  @Test func `many optional events that are alike take no time`() {
    let many = reaction(String(repeating: "a? ", count: 500) + "b")
    #expect(!many.matches(events(String(repeating: "a", count: 501))))
    #expect(many.matches(events(String(repeating: "a", count: 400) + "b")))
  }
}
