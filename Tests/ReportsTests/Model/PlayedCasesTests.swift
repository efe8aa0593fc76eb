import Testing

@testable import Reports

@Suite("Cases played as load")
struct PlayedCasesTests {
  private func cases(played: Int, measured: Int?) -> PlayedCases {
    PlayedCases(
      selected: 2, played: played, measured: measured, playedPerSecond: 25, unfinished: 0,
      verdicts: [.pass: played])
  }

  @Test func `beside the rate stand the plays that it counts`() {
    #expect(
      cases(played: 1200, measured: 100).summary
        == "100 plays of 2 cases measured (25.0 cases/s), 1,200 in the whole run: 1,200 pass")
    #expect(cases(played: 1, measured: 1).summary == "1 play of 2 cases (25.0 cases/s): 1 pass")
    #expect(cases(played: 1, measured: nil).summary == "1 play of 2 cases (25.0 cases/s): 1 pass")
  }

  @Test func `a replay's rate is of cases, everywhere`() throws {
    var run = SampleRun.run
    run.load[0].cases = cases(played: 1200, measured: 100)
    #expect(SummaryText.render(run).contains("25 cases/s"))
    #expect(MarkdownSummary.text(for: run).contains("| 25 cases/s |"))
    #expect(HTMLPage.text(for: [run]).contains("<dt>cases/s</dt><dd>25</dd>"))
    #expect(OpenMetricsReport.text(for: run).contains("\ngauntlet_cases_per_second{"))
    #expect(LoadMetric.rate.value(in: run.load[0]) == 25)
  }
}
