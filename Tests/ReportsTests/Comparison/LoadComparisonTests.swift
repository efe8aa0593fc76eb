import Testing

@testable import Reports

@Suite("Comparison of measurements")
struct LoadComparisonTests {
  private func compare(
    _ base: [Run], _ head: [Run], change: (inout ComparisonRules) -> Void = { _ in }
  ) throws -> LoadComparison {
    var rules = ComparisonRules()
    rules.drawCount = 100
    change(&rules)
    return try #require(try RunComparison(base: base, head: head, rules: rules).load)
  }

  /// The judgement on each metric by its name.
  private func judgements(_ comparison: LoadComparison) -> [String: String] {
    Dictionary(
      comparison.metrics.map { ($0.metric.name, $0.judgementInWords) },
      uniquingKeysWith: { first, _ in first })
  }

  @Test func `a server that is slower by 10 % is found, and in which way`() throws {
    let base = ComparedRuns.series(10, time: 1, seed: 1)
    let head = ComparedRuns.series(10, time: 1.1, seed: 2)
    let worse = try compare(base, head)
    #expect(
      judgements(worse) == [
        "rate": "worse", "p50": "worse", "p99": "worse", "connect-p50": "worse",
        "errors": "no change", "reach": "no change", "connected": "no change",
      ])
    #expect(worse.isRegression && worse.isJudged)
    let better = try compare(head, base)
    #expect(judgements(better)["rate"] == "better" && judgements(better)["p50"] == "better")
    #expect(!better.isRegression)
    let p50 = try #require(worse.metrics.first { $0.metric.name == "p50" })
    let effect = try #require(p50.effect)
    let interval = try #require(effect.interval)
    #expect(effect.isRelative && (0.06...0.14).contains(effect.size))
    #expect(interval.lower < effect.size && effect.size < interval.upper)
    #expect(interval.lower > 0)
  }

  /// What the correction promises: at most one false alarm in twenty comparisons, on all metrics.
  @Test(arguments: [false, true])
  func `equal servers are told apart in at most 5 % of comparisons`(isPaired: Bool) throws {
    var generator = SeededGenerator(seed: 9)
    var run = ComparedRuns.measured(time: 1)
    let count = 200
    var alarms = 0
    for _ in 0..<count {
      let runs = (0..<16).map { _ in
        run.load[0].totals.messagesReceived = Int(100_000 * (1 + 0.05 * generator.nextNormal()))
        run.load[0].latencies[0].histogram.meanNanoseconds = 5000 + 400 * generator.nextNormal()
        return run
      }
      let comparison = try compare(Array(runs[..<8]), Array(runs[8...])) { rules in
        (rules.minimumEffect, rules.drawCount) = (0, 1)
        rules.isPaired = isPaired
        rules.metrics = [.rate, .mean]
      }
      let judgements = comparison.metrics.map(\.judgement)
      if judgements.contains(.better) || judgements.contains(.worse) { alarms += 1 }
    }
    // Of a chance of 5 % as many come as that and two standard deviations (3.1) more.
    #expect(alarms <= count / 20 + 6)
  }

  @Test func `pairs show what a machine that changes all the time hides`() throws {
    var generator = SeededGenerator(seed: 4)
    var (base, head): ([Run], [Run]) = ([], [])
    for _ in 0..<10 {
      let machine = Double.random(in: 1...2, using: &generator)
      base.append(ComparedRuns.measured(time: machine * (1 + 0.01 * generator.nextNormal())))
      head.append(ComparedRuns.measured(time: 1.1 * machine * (1 + 0.01 * generator.nextNormal())))
    }
    let alone = try compare(base, head)
    #expect(!alone.isRegression && alone.metrics.allSatisfy { !$0.isPaired })
    let paired = try compare(base, head) { $0.isPaired = true }
    #expect(paired.isRegression && paired.metrics.contains { $0.isPaired })
    let rate = try #require(paired.metrics.first { $0.metric == .rate })
    let effect = try #require(rate.effect)
    let interval = try #require(effect.interval)
    #expect((-0.11 ... -0.07).contains(effect.size))
    #expect(interval.lower <= effect.size && effect.size <= interval.upper && interval.upper < 0)
  }

  @Test func `too few pairs are judged as what they are without`() throws {
    let base = ComparedRuns.series(6, time: 1, seed: 1)
    let head = ComparedRuns.series(6, time: 1.5, seed: 2)
    let comparison = try compare(base, head) { $0.isPaired = true }
    #expect(comparison.isRegression && comparison.metrics.allSatisfy { !$0.isPaired })
  }

  @Test func `a change that is sure but small is none`() throws {
    let base = ComparedRuns.series(10, time: 1, noise: 0.001, seed: 1)
    let head = ComparedRuns.series(10, time: 1.01, noise: 0.001, seed: 2)
    #expect(judgements(try compare(base, head))["p50"] == "no change")
    let strict = try compare(base, head) { $0.minimumEffect = 0.005 }
    #expect(judgements(strict)["p50"] == "worse")
  }

  @Test func `too few runs are not judged, and it is said how many it takes`() throws {
    let comparison = try compare(
      ComparedRuns.series(3, time: 1, seed: 1), ComparedRuns.series(3, time: 2, seed: 2))
    #expect(Set(judgements(comparison).values) == ["not judged"])
    #expect(!comparison.isJudged && !comparison.isRegression)
    // Four open questions: the first is held against 5 % / 4, and 5 and 5 runs can give 0.8 %.
    #expect(comparison.scenarios[0].reasons == ["too few runs: 3 and 3, it takes 5 each"])
    let enough = try compare(
      ComparedRuns.series(5, time: 1, seed: 1), ComparedRuns.series(5, time: 2, seed: 2))
    #expect(enough.isJudged && enough.isRegression)
  }

  @Test func `fewer metrics need fewer runs`() throws {
    let comparison = try compare(
      ComparedRuns.series(4, time: 1, seed: 1), ComparedRuns.series(4, time: 2, seed: 2)
    ) { $0.metrics = [.rate] }
    #expect(judgements(comparison) == ["rate": "worse"])
  }

  @Test func `errors that come in some runs count`() throws {
    let base = (0..<8).map { ComparedRuns.measured(time: 1 + Double($0) / 1000) }
    let head = (0..<8).map { index in
      ComparedRuns.measured(time: 1 + Double(index) / 1000, errors: index < 6 ? 1 : 0)
    }
    let comparison = try compare(base, head) { $0.metrics = [.errors(asShare: false)] }
    #expect(judgements(comparison) == ["errors": "worse"])
    #expect(comparison.metrics[0].effectInWords == "+0.75")
  }

  @Test func `a metric that one side did not measure is not judged and stops nothing`() throws {
    let base = ComparedRuns.series(6, time: 1, seed: 1)
    var head = ComparedRuns.series(6, time: 1, seed: 2)
    for index in head.indices {
      head[index].load[0].serverProcess = ObservedProcess()
      head[index].load[0].serverProcess?.cpuNanoseconds = 1_000_000
    }
    let comparison = try compare(base, head)
    #expect(judgements(comparison)["cpu"] == "not judged")
    #expect(comparison.isJudged)
  }

  @Test func `scenarios are matched, and what is left is named`() throws {
    let (few, many) = (
      { ComparedRuns.measured(time: $0) }, { ComparedRuns.measured(time: $0, connections: 500) }
    )
    let base = [few(1), many(3), few(1.1)]
    let comparison = try compare(base, [few(1), few(1.2)])
    #expect(comparison.scenarios.map(\.baseCount) == [2])
    #expect(comparison.scenarios.map(\.headCount) == [2])
    #expect(comparison.onlyInBase == ["500 connections, closed loop, 1 in flight, 1 KiB binary"])
  }

  @Test func `another scenario is told by what differs, and compared if forced`() throws {
    let base = [ComparedRuns.measured(time: 1)]
    let head = [
      ComparedRuns.measured(time: 1, connections: 20) { results in
        results.target.url = "wss://127.0.0.1:9001/"
        results.phases[0].durationNanoseconds /= 2
      }
    ]
    let error = #expect(throws: ComparisonError.self) {
      try RunComparison(base: base, head: head)
    }
    #expect(
      error?.description == "these runs cannot be compared: connections 10 and 20; "
        + "TLS off and on; measured 2.0 s and 1.0 s")
    var rules = ComparisonRules()
    rules.isForced = true
    let forced = try RunComparison(base: base, head: head, rules: rules)
    #expect(forced.forced.count == 3 && forced.load?.scenarios.count == 1)
  }
}
