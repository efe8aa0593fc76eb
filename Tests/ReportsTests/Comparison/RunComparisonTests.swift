import Testing

@testable import Reports

@Suite("Comparison of runs")
struct RunComparisonTests {
  private func problem(_ base: [Run], _ head: [Run]) -> String? {
    do throws(ComparisonError) {
      _ = try RunComparison(base: base, head: head)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `measurements of other machines are not compared, verdicts are`() {
    let base = ComparedRuns.measured(time: 1)
    var head = base
    head.environment.processorCount = 4
    head.environment.memoryByteCount = 8 << 30
    #expect(
      problem([base], [base, head])
        == "these runs cannot be compared: processors 2 and 4; memory 24 GiB and 8 GiB")
    head.environment = base.environment
    head.environment.memoryByteCount -= 1 << 20
    #expect(problem([base], [head]) == nil)
    let verdicts = ComparedRuns.verdicts([("a", Verdict(.pass))])
    var elsewhere = verdicts
    elsewhere.environment.processorCount = 64
    #expect(problem([verdicts], [elsewhere]) == nil)
  }

  @Test func `a run that did not end is not compared unless forced`() throws {
    let base = ComparedRuns.measured(time: 1)
    var head = base
    head.isComplete = false
    #expect(problem([base], [head])?.hasSuffix(": the run of head did not end") == true)
    #expect(problem([base], [base, head])?.hasSuffix(": 1 of 2 runs of head did not end") == true)
    var rules = ComparisonRules()
    rules.isForced = true
    let comparison = try RunComparison(base: [base], head: [head], rules: rules)
    #expect(comparison.forced == ["the run of head did not end"])
    #expect(ComparisonText.render(comparison).hasPrefix("Compared all the same, but: the run of"))
  }

  @Test func `verdicts and measurements have nothing in common`() {
    let (load, verdicts) = (
      ComparedRuns.measured(time: 1), ComparedRuns.verdicts([("a", Verdict(.pass))])
    )
    #expect(
      problem([load], [verdicts])?.hasSuffix("base has results of load and head of conformance")
        == true)
  }

  @Test func `a run of both kinds is compared in both`() throws {
    var comparison = try RunComparison(base: [SampleRun.run], head: [SampleRun.run])
    #expect(comparison.conformance?.agents[0].changes == [])
    #expect(comparison.load?.isJudged == false)
    #expect(comparison.verdictInWords == "No verdict: there are too few runs to judge load.")
    comparison.load = nil
    #expect(comparison.verdictInWords == "No regression.")
  }

  /// No number that a file may hold stops the program.
  @Test(arguments: [Int.max, Int.min, -1, 0])
  func `impossible numbers are compared without harm`(number: Int) throws {
    let hostile = ComparedRuns.measured(time: 1) { results in
      results.totals.messagesSent = number
      results.totals.messagesReceived = number
      results.totals.connectionsAttempted = number
      results.totals.connectionsEstablished = -1
      results.errors = [.init(.lost, count: number), .init(.unsent, count: number)]
      results.generator.userNanoseconds = Int64(number)
      results.generator.systemNanoseconds = Int64(number)
      results.serverProcess = ObservedProcess()
      results.serverProcess?.cpuNanoseconds = Int64(number)
      results.phases.append(results.phases[0])
      results.phases[0].durationNanoseconds = Int64(number)
      results.latencies[0].histogram.encoded = "AAAA"
      results.latencies[0].histogram.meanNanoseconds = .nan
      results.scenario.payloadByteCount = number
      results.scenario.connections = number
    }
    var rules = ComparisonRules()
    rules.isForced = true
    rules.drawCount = 20
    rules.metrics += [.mean, .maximum]
    let usual = ComparedRuns.series(6, time: 1, seed: 1)
    let many = [Run](repeating: hostile, count: 6)
    for (base, head) in [(usual, many), (many, usual), (many, many)] {
      let comparison = try RunComparison(base: base, head: head, rules: rules)
      #expect(!ComparisonText.render(comparison).isEmpty)
      #expect(!ComparisonMarkdown.text(for: comparison).isEmpty)
      #expect(!ComparisonJSON.text(for: comparison).isEmpty)
    }
    #expect(!SummaryText.render(hostile).isEmpty)
    #expect(!MarkdownSummary.text(for: hostile).isEmpty)
  }
}
