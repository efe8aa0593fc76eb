import Testing

@testable import Reports

@Suite("Verdicts")
struct VerdictTests {
  @Test func `the overall grade is the graver axis`() {
    #expect(Verdict(behaviour: .pass, closing: .fail).overall == .fail)
    #expect(Verdict(behaviour: .acceptable, closing: .pass).overall == .acceptable)
    #expect(Verdict(behaviour: .acceptable, closing: .fail).overall == .fail)
    #expect(Verdict(behaviour: .unsupported, closing: .fail).overall == .unsupported)
    #expect(Verdict(behaviour: .fail, closing: .error).overall == .error)
  }

  @Test func `only failures and errors stop a gate`() {
    for behaviour in Grade.allCases {
      #expect(Verdict(behaviour).isMet == (behaviour != .fail && behaviour != .error))
    }
  }
}
