import Testing

@testable import Reports

@Suite("What goes wrong beside the cases")
struct RunTroubleTests {
  /// A run in which everything is as required.
  private var good: Run {
    var run = SampleRun.run
    for index in run.conformance?.agents[0].results.indices ?? 0..<0 {
      run.conformance?.agents[0].results[index].verdict = Verdict(.pass)
    }
    for index in run.load.indices { run.load[index].errors = [] }
    return run
  }

  private func failuresOfCTRF(_ run: Run) throws -> Int {
    let totals = try #require(CTRFReport.text(for: run).firstMatch(of: #/"failed": (\d+)/#))
    return try #require(Int(totals.1))
  }

  private func errorsOfSARIF(_ run: Run) -> Int {
    let text = SARIFReport.text(for: run)
    guard let start = text.firstRange(of: "toolExecutionNotifications") else { return -1 }
    let end = text[start.upperBound...].firstRange(of: "columnKind")?.lowerBound ?? text.endIndex
    return text[start.upperBound..<end].matches(of: #/"level": "error"/#).count
  }

  /// How many of the tests fail: in JUnit's totals, and in TAP.
  private func failures(_ run: Run) throws -> (junit: Int, tap: Int) {
    let junit = JUnitReport.text(for: run)
    let totals = try #require(junit.firstMatch(of: #/failures="(\d+)" errors="(\d+)"/#))
    let failed = try #require(Int(totals.1)), errors = try #require(Int(totals.2))
    #expect(junit.matches(of: #/<(failure|error) /#).count == failed + errors)
    let lines = TAPReport.text(for: run).split(separator: "\n")
    #expect(lines[1] == "1..\(lines.count { $0.hasPrefix("ok ") || $0.hasPrefix("not ok ") })")
    return (failed + errors, lines.count { $0.hasPrefix("not ok ") && !$0.contains("# TODO") })
  }

  @Test func `a good run has none`() throws {
    #expect(try failures(good) == (0, 0))
    #expect(!JUnitReport.text(for: good).contains("beside the cases"))
    #expect(try failuresOfCTRF(good) == 0)
    #expect(MarkdownSummary.text(for: good).contains("No requirement was broken."))
    #expect(OpenMetricsReport.text(for: good).contains("\ngauntlet_troubles 0\n"))
  }

  @Test func `each fails a test of its own`() throws {
    let changes: [(inout Run) -> Void] = [
      { $0.conformance?.gate = Gate(staleExpectations: ["known.txt:3: no case matches 'x'"]) },
      { $0.conformance?.agents[0].troubles = ["the peer's process exited", "| oh no"] },
      { $0.load[0].generator.validity = .invalid },
      { ($0.isComplete, $0.load) = (false, []) },
    ]
    for (index, change) in changes.enumerated() {
      var run = good
      change(&run)
      #expect(try failures(run) == (1, 1), "\(index)")
      #expect(try failuresOfCTRF(run) == 1, "\(index)")
      #expect(errorsOfSARIF(run) == 1, "\(index)")
      #expect(OpenMetricsReport.text(for: run).contains("\ngauntlet_troubles 1\n"), "\(index)")
      #expect(!MarkdownSummary.text(for: run).contains("No requirement was broken."), "\(index)")
    }
  }

  @Test func `numbers count as trusted as far as was asked for`() throws {
    var run = good
    run.load[0].generator.validity = .invalid
    run.load[0].generator.tolerated = .invalid
    #expect(try failures(run) == (0, 0))
    #expect(MarkdownSummary.text(for: run).contains("| INVALID |"))
    #expect(OpenMetricsReport.text(for: run).contains("validity=\"invalid\"} 1\n"))
    run.load[0].generator.validity = .suspect
    run.load[0].generator.tolerated = .valid
    #expect(try failures(run) == (1, 1))
    #expect(MarkdownSummary.text(for: run).contains("| **SUSPECT** |"))
  }

  @Test func `a sweep marks the runs whose numbers are not the server's`() {
    let lines = SweepText.render([good.load[0]]).split(separator: "\n")
    #expect(lines[1].hasSuffix("  SUSPECT"))
    #expect(lines.last == "SUSPECT: the loop was late")
  }

  @Test func `their words are told`() {
    var run = good
    run.conformance?.gate = Gate(staleExpectations: ["known.txt:3: no case matches 'x'"])
    run.conformance?.agents[0].troubles = ["the peer's process exited", "| oh no"]
    let junit = JUnitReport.text(for: run)
    #expect(junit.contains("<failure message=\"known.txt:3: no case matches &#39;x&#39;\""))
    #expect(junit.contains("<error message=\"the peer&#39;s process exited; | oh no\""))
    #expect(TAPReport.text(for: run).contains("message: \"the peer's process exited; | oh no\""))
  }

  @Test func `a trouble of which a tolerated case tells does not count`() throws {
    var run = good
    run.conformance?.agents[0].results[0].verdict = Verdict(.fail)
    run.conformance?.agents[0].results[0].knownFailure = "it dies"
    run.conformance?.agents[0].troubles = ["the peer's process exited"]
    #expect(try failures(run) == (0, 0))
  }

  @Test func `a load that is not as required fails in TAP too`() throws {
    var run = good
    run.load = SampleRun.run.load
    #expect(try failures(run) == (1, 1))
    #expect(TAPReport.text(for: run).contains("message: \"10 lost\""))
  }

  @Test(arguments: HostileText.all)
  func `hostile text stays in its place`(text: String) throws {
    var run = good
    run.conformance?.gate = Gate(staleExpectations: [text])
    run.conformance?.agents[0].troubles = [text]
    run.load[0].generator.validity = .invalid
    run.load[0].generator.remarks = [text]
    #expect(try failures(run) == (3, 3))
    #expect(throws: Never.self) { try XMLOutline(JUnitReport.text(for: run)) }
  }
}
