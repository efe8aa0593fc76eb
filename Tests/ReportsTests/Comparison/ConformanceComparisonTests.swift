import Testing

@testable import Reports

@Suite("Comparison of verdicts")
struct ConformanceComparisonTests {
  private func compare(
    _ base: Run, _ head: Run, isStrict: Bool = false
  ) throws -> ConformanceComparison {
    var rules = ComparisonRules()
    rules.isStrict = isStrict
    let comparison = try RunComparison(base: [base], head: [head], rules: rules)
    return try #require(comparison.conformance)
  }

  @Test(arguments: [
    (Verdict(.pass), Verdict(.fail), CaseChange.Direction.worse, true),
    (Verdict(.pass), Verdict(.error), .worse, true),
    (Verdict(.unsupported), Verdict(.fail), .worse, true),
    (Verdict(.informational), Verdict(.fail), .worse, true),
    (Verdict(.fail), Verdict(.error), .worse, false),
    (Verdict(.pass), Verdict(.acceptable), .worse, false),
    (Verdict(.pass), Verdict(.unsupported), .worse, false),
    (
      Verdict(behaviour: .fail, closing: .pass), Verdict(behaviour: .fail, closing: .fail), .worse,
      false
    ),
    (Verdict(.fail), Verdict(.pass), .better, false),
    (Verdict(.acceptable), Verdict(.pass), .better, false),
    (Verdict(.pass), Verdict(.informational), .aside, false),
    (
      Verdict(behaviour: .fail, closing: .pass), Verdict(behaviour: .pass, closing: .fail), .aside,
      false
    ),
  ])
  func `a change has a direction, and is a regression if it stops the gate`(
    base: Verdict, head: Verdict, direction: CaseChange.Direction, isRegression: Bool
  ) throws {
    let (before, after) = (
      ComparedRuns.verdicts([("a", base)]), ComparedRuns.verdicts([("a", head)])
    )
    let comparison = try compare(before, after)
    #expect(comparison.agents[0].changes.map(\.direction) == [direction])
    #expect(comparison.isRegression == isRegression)
    // Strictly, whatever is worse is one.
    #expect(try compare(before, after, isStrict: true).isRegression == (direction == .worse))
  }

  @Test func `what head's expectations know is no regression, strictly neither`() throws {
    let base = ComparedRuns.verdicts([("a", Verdict(.pass))])
    let head = ComparedRuns.verdicts([("a", Verdict(.fail))]) { $0.knownFailure = "our proxy" }
    let comparison = try compare(base, head, isStrict: true)
    #expect(!comparison.isRegression)
    #expect(comparison.agents[0].changes[0].directionInWords == "worse, known")
    #expect(comparison.agents[0].changes[0].explanation.hasPrefix("known: our proxy; "))
  }

  @Test func `a reason that the expectations took over is told once`() throws {
    let base = ComparedRuns.verdicts([("a", Verdict(.pass))])
    let head = ComparedRuns.verdicts([("a", Verdict(.fail))]) { $0.knownFailure = $0.reason }
    let change = try compare(base, head).agents[0].changes[0]
    #expect(change.explanation == "known: expected close 1002")
  }

  @Test func `a failure whose level does not count is worse, but no regression`() throws {
    let gate = Gate(failOn: .must)
    let base = ComparedRuns.verdicts([("should/a", Verdict(.pass))], gate: gate)
    let head = ComparedRuns.verdicts([("should/a", Verdict(.fail))], gate: gate)
    #expect(try !compare(base, head).isRegression)
    #expect(try compare(base, head, isStrict: true).isRegression)
  }

  @Test func `cases that one side has not played are named and not judged`() throws {
    let comparison = try compare(
      ComparedRuns.verdicts([("a", Verdict(.pass)), ("gone", Verdict(.pass))]),
      ComparedRuns.verdicts([("new", Verdict(.fail)), ("a", Verdict(.pass))]))
    let agent = comparison.agents[0]
    #expect(agent.onlyInBase == ["gone"] && agent.onlyInHead == ["new"])
    #expect(agent.sharedCount == 1 && agent.changes.isEmpty && !comparison.isRegression)
  }

  @Test func `what is worse comes first`() throws {
    let comparison = try compare(
      ComparedRuns.verdicts([("a", Verdict(.fail)), ("b", Verdict(.pass)), ("c", Verdict(.pass))]),
      ComparedRuns.verdicts([
        ("a", Verdict(.pass)), ("b", Verdict(.fail)), ("c", Verdict(.pass)),
      ]))
    #expect(comparison.agents[0].changes.map(\.description.id) == ["b", "a"])
    #expect(comparison.agents[0].summary == "3 cases in both: 1 worse, 1 better, 1 the same")
  }

  @Test func `the only peer of each side may have another name`() throws {
    let comparison = try compare(
      ComparedRuns.verdicts([("a", Verdict(.pass))], agent: "server 1"),
      ComparedRuns.verdicts([("a", Verdict(.fail))], agent: "server 2"))
    #expect(comparison.agents[0].name == "server 1 → server 2")
    #expect(comparison.isRegression)
  }

  @Test func `several peers go by their names`() throws {
    let runs = ["x", "y", "z"].map { name in
      ComparedRuns.verdicts([("a", Verdict(.pass))], agent: name)
    }
    let comparison = try RunComparison(base: [runs[0], runs[1]], head: [runs[1], runs[2]])
    #expect(comparison.conformance?.agents.map(\.name) == ["y"])
    #expect(comparison.conformance?.onlyInBase == ["x"])
    #expect(comparison.conformance?.onlyInHead == ["z"])
  }

  @Test func `peers that have nothing to do with each other are not compared`() {
    let runs = ["x", "y", "z"].map { name in
      ComparedRuns.verdicts([("a", Verdict(.pass))], agent: name)
    }
    #expect(throws: ComparisonError.self) {
      try RunComparison(base: [runs[0], runs[1]], head: [runs[2]])
    }
    let twice = #expect(throws: ComparisonError.self) {
      try RunComparison(base: [runs[0], runs[0]], head: [runs[0]])
    }
    #expect(twice?.description.contains("base has several results of x") == true)
    var other = runs[0]
    other.conformance?.role = .server
    let roles = #expect(throws: ComparisonError.self) {
      try RunComparison(base: [runs[0]], head: [other])
    }
    #expect(roles?.description.contains("base tested servers and head clients") == true)
  }
}
