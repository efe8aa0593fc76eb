import Testing

@testable import Reports

@Suite("A history of runs")
struct HistoryTests {
  /// Entries of runs, one a day, each with the commit of its number.
  static func entries(_ runs: [Run], rules: HistoryRules = .init()) -> [HistoryEntry] {
    runs.enumerated().compactMap { index, run in
      HistoryEntry(
        name: "run-\(index)", path: "/runs/\(index)", runs: [dated(run, day: index)],
        metrics: rules.metrics)
    }
  }

  static func dated(_ run: Run, day: Int) -> Run {
    var run = run
    run.started = Timestamp(
      millisecondsSinceEpoch: ComparedRuns.started.millisecondsSinceEpoch + Int64(day) * 86_400_000)
    run.environment.source = SourceRevision(
      commit: String(repeating: "\(day % 10)", count: 40), branch: "main")
    return run
  }

  private func slowed(from place: Int, of count: Int, by factor: Double) -> [Run] {
    ComparedRuns.series(place, time: 1, seed: 1)
      + ComparedRuns.series(count - place, time: factor, seed: 2)
  }

  @Test func `a slow-down is found with its commits, and is a regression while it is recent`()
    throws
  {
    let history = History(Self.entries(slowed(from: 20, of: 26, by: 1.2)))
    #expect(history.isRegression)
    let scenario = try #require(history.scenarios.first)
    #expect(scenario.series.map(\.metric.name) == ["rate", "p50", "p99", "errors"])
    for series in scenario.series.dropLast() {
      let change = try #require(series.changes.first)
      #expect(series.changes.count == 1)
      #expect(change.lastEntry == 19 && change.firstEntry == 20)
      #expect(change.isWorse && change.stands)
      #expect(history.span(from: change.lastEntry, to: change.firstEntry) == "99999999 → 00000000")
    }
    #expect(scenario.series.last?.changes.isEmpty == true)
    var rules = HistoryRules()
    rules.recentCount = 5
    #expect(!History(history.entries, rules: rules).isRegression)
  }

  @Test func `what was made good is no regression, and what became better is none`() throws {
    let recovered = History(
      Self.entries(
        slowed(from: 15, of: 25, by: 1.2) + ComparedRuns.series(10, time: 1, seed: 3)))
    let rate = try #require(recovered.scenarios.first?.series.first)
    #expect(rate.changes.map(\.isWorse) == [true, false])
    #expect(rate.changes.map(\.stands) == [false, true])
    #expect(!recovered.isRegression)
    #expect(!History(Self.entries(slowed(from: 20, of: 26, by: 0.8))).isRegression)
  }

  @Test func `a change below the least effect is none`() {
    var rules = HistoryRules()
    rules.minimumEffect = 0.5
    let history = History(Self.entries(slowed(from: 20, of: 26, by: 1.2)), rules: rules)
    #expect(history.scenarios.allSatisfy { $0.series.allSatisfy(\.changes.isEmpty) })
  }

  @Test func `other machines and scenarios are other sequences`() {
    var runs = ComparedRuns.series(8, time: 1, seed: 1)
    for index in 4..<8 { runs[index].environment.processor = "Another Processor" }
    runs += [ComparedRuns.measured(time: 1, connections: 20)]
    #expect(History(Self.entries(runs)).scenarios.count == 3)
    var rules = HistoryRules()
    rules.joinsMachines = true
    let joined = History(Self.entries(runs), rules: rules)
    #expect(joined.scenarios.map(\.machine) == ["any machine", "any machine"])
  }

  @Test func `scenarios of one title say in what they differ`() {
    let runs = [true, false].map { verifies in
      ComparedRuns.measured(time: 1) { $0.scenario.verifies = verifies }
    }
    let names = History(Self.entries(runs)).scenarios.map(\.name)
    #expect(names[0] == "10 connections, closed loop, 1 in flight, 1 KiB binary")
    #expect(names[1] == names[0] + "; unlike the first: verification on and off")
  }

  @Test func `repetitions are one entry with the middle of their values`() throws {
    let runs = [1.0, 9, 1.1].map { ComparedRuns.measured(time: $0) }
    let entry = try #require(
      HistoryEntry(name: "a", path: "/a", runs: runs, metrics: [.rate]))
    #expect(entry.measurements[0].value(.mean) == nil)
    #expect(entry.runCount == 3 && entry.measurements.count == 1)
    let rate = try #require(LoadMetric.rate.value(in: runs[2].load[0]))
    #expect(entry.measurements[0].value(.rate) == rate)
  }

  @Test func `verdicts that change are told with their commits`() throws {
    let good = ComparedRuns.verdicts([("a", Verdict(.pass)), ("b", Verdict(.pass))])
    let bad = ComparedRuns.verdicts([("a", Verdict(.fail)), ("b", Verdict(.pass))])
    let part = ComparedRuns.verdicts([("b", Verdict(.pass))])
    var broken = ComparedRuns.verdicts([("b", Verdict(.fail))])
    broken.isComplete = false
    let history = History(Self.entries([good, bad, part, broken]))
    #expect(history.verdictChanges.count == 1)
    let change = try #require(history.verdictChanges.first)
    #expect(change.broken == ["a"] && change.standingCount == 1 && change.firstEntry == 1)
    #expect(history.isRegression)
    let mended = History(Self.entries([good, bad, part, good]))
    #expect(mended.verdictChanges.map(\.mended) == [[], ["a"]])
    #expect(!mended.isRegression)
  }

  @Test func `renderings hold what a peer said`() {
    for hostile in HostileText.all {
      var run = SampleRun.run(peerText: hostile)
      run.environment.source = SourceRevision(commit: hostile, branch: hostile)
      let entry = HistoryEntry(
        name: hostile, path: "/x", runs: [run], metrics: HistoryRules.usualMetrics)
      let history = History([entry, entry].compactMap { $0 })
      let page = HistoryPage.text(for: history, links: ["a", "b"])
      #expect(!page.contains("<script"))
      #expect(!page.contains("<img"))
      let text = HistoryText.render(history)
      #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F })
      #expect(HistoryJSON.text(for: history).utf8.allSatisfy { $0 < 0x7F })
      let lines = HistoryCSV.text(for: history).split(separator: "\r\n")
      #expect(lines.count == 3)
    }
  }

  @Test func `the text is as it was`() throws {
    let runs =
      slowed(from: 12, of: 18, by: 1.25)
      + [
        ComparedRuns.verdicts([("a", Verdict(.pass))]),
        ComparedRuns.verdicts([("a", Verdict(.fail))]),
      ]
    let history = History(Self.entries(runs))
    try TestFiles.expectGolden(HistoryText.render(history, limit: 6), "history.txt")
    try TestFiles.expectGolden(HistoryJSON.text(for: history), "history.json")
    try TestFiles.expectGolden(HistoryPage.text(for: history), "history.html")
    try TestFiles.expectGolden(HistoryCSV.text(for: history), "history.csv")
  }
}
