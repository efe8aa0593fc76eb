import Reports
import Testing

@testable import Conformance

@Suite("What is expected beforehand")
struct ExpectationFileTests {
  private func file(_ text: String) throws -> ExpectationFile {
    try ExpectationFile(parsing: Array(text.utf8), path: "known.txt")
  }

  private let corpus = ["5.5/a", "5.5/b", "deflate/a", "deflate/b"].enumerated().map { index, id in
    CaseDescription(
      id: id, aliases: ["autobahn:2.\(index + 1)"], section: "RFC 6455 §5.5", level: .must,
      why: "because")
  }

  private func results(
    _ grades: [[Reports.Grade]], agents: [String] = ["one", "two"]
  ) -> ConformanceResults {
    ConformanceResults(
      role: .client, cases: corpus,
      agents: zip(agents, grades).map { name, grades in
        AgentResults(
          name: name,
          results: zip(corpus, grades).map { description, grade in
            CaseResult(
              caseID: description.id, verdict: Verdict(grade), reason: "so it was",
              started: Timestamp(millisecondsSinceEpoch: 0), elapsed: .zero)
          })
      })
  }

  @Test func `lines are pattern, verdicts and reason, for all agents or for some`() throws {
    let found = try file(
      "# known\n\n5.5/a  fail  cut at 125\nagent  t wo*\n 2.2 pass|fail a race # x")
    #expect(
      found.entries == [
        .init(agent: nil, pattern: "5.5/a", verdicts: [.fail], reason: "cut at 125", line: 3),
        .init(
          agent: "t wo*", pattern: "2.2", verdicts: [.pass, .fail], reason: "a race # x", line: 5),
      ])
  }

  @Test(arguments: [
    ("ok fail x\n5.5/a\n", "known.txt:2: error: expected a verdict after the pattern '5.5/a'"),
    ("5.5/a broken x", "known.txt:1: error: expected a verdict instead of 'broken': one of pass"),
    ("5.5/a fail|  x", "known.txt:1: error: expected a verdict instead of ''"),
    ("\n\n5.5/a fail  ", "known.txt:3: error: expected the reason after 'fail'"),
    ("agent\n", "known.txt:1: error: expected the name of an agent"),
  ])
  func `a mistake is told with its place`(text: String, message: String) {
    let error = #expect(throws: ExpectationSyntaxError.self) { try file(text) }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test func `what is no UTF-8 is told with its line`() {
    let error = #expect(throws: ExpectationSyntaxError.self) {
      try ExpectationFile(parsing: [0x23, 0x0a, 0xff, 0x0a], path: "known.txt")
    }
    #expect(error?.description == "known.txt:2: error: expected UTF-8")
  }

  @Test func `a known failure is tolerated, and only that one`() throws {
    var results = results([[.fail, .fail, .pass, .pass]])
    try file("2.1 fail long known").apply(to: &results, corpus: corpus)
    #expect(results.agents[0].results.map(\.knownFailure) == ["long known", nil, nil, nil])
    #expect(!results.isMet)
    try file("5.5/* fail long known").apply(to: &results, corpus: corpus)
    #expect(results.isMet)
  }

  @Test func `an unexpected pass stops the gate, and so does another failure`() throws {
    var results = results([[.pass, .error, .unsupported, .pass]])
    try file("5.5/* fail x\ndeflate/a unsupported y").apply(to: &results, corpus: corpus)
    let unexpected = results.agents[0].results.map(\.unexpected)
    #expect(unexpected[0] == "pass, but known.txt:1 expects fail; the line can go")
    #expect(unexpected[1] == "error, but known.txt:1 expects fail")
    #expect(unexpected[2...] == [nil, nil])
    #expect(results.standing(of: results.agents[0].results[0], level: .may) == .broken)
  }

  @Test func `a pattern that fits nothing stops the gate`() throws {
    var results = results([[.pass, .pass, .pass, .pass]])
    try file("5.5/z fail gone\n2.* pass fine").apply(to: &results, corpus: corpus)
    #expect(results.gate?.staleExpectations == ["known.txt:1: no case matches '5.5/z'"])
    #expect(!results.isMet)
  }

  @Test func `the last line that fits counts, for its agent`() throws {
    var results = results([[.pass, .fail, .pass, .pass], [.fail, .fail, .pass, .pass]])
    try file("5.5/* fail x\n5.5/a pass y\nagent tw?\n5.5/a fail z").apply(
      to: &results, corpus: corpus)
    #expect(results.isMet)
    #expect(results.agents[1].results[0].knownFailure == "z")
  }

  @Test func `what is written expects exactly what came out`() throws {
    let grades: [[Reports.Grade]] = [
      [.fail, .acceptable, .unsupported, .unsupported], [.pass, .error, .unsupported, .pass],
    ]
    var results = results(grades)
    results.agents[0].results[0].reason = "line\nbreak\u{0}\u{85}"
    let text = ExpectationFile.text(for: results, corpus: corpus)
    #expect(
      text.hasSuffix(
        """
        agent  one
        5.5/a      fail         line break???
        deflate/*  unsupported  so it was

        agent  two
        5.5/b      error        so it was
        deflate/a  unsupported  so it was

        """.replacing("???", with: "?")), "\(text)")
    try file(text).apply(to: &results, corpus: corpus)
    #expect(results.isMet)
  }
}
