/// What a run found as OpenMetrics text (version 1.0), for Prometheus and what reads its format.
enum OpenMetricsReport {
  /// The exposition; it ends in `# EOF`.
  static func text(for run: Run) -> String {
    var output = ""
    conformance(run, &output)
    head("gauntlet_troubles", "gauge", nil, "What went wrong beside the cases.", &output)
    output += "gauntlet_troubles \(RunTrouble.all(run).count { $0.standing == .broken })\n"
    let scenarios = run.keyedLoads.map { key, load in
      Scenario(key: key, load: load)
    }
    for family in families {
      let samples = scenarios.flatMap { family.samples($0) }
      guard !samples.isEmpty else { continue }
      head(family.name, family.kind, family.unit, family.help, &output)
      output += samples.joined()
    }
    return output + "# EOF\n"
  }

  /// The results of a scenario, and what tells it from others.
  private struct Scenario {
    var key: String
    var load: LoadResults
  }

  /// A metric and how its samples come from the results of a scenario.
  private struct Family {
    var name: String
    var kind = "gauge"
    var unit: String?
    var help: String
    var samples: (Scenario) -> [String]
  }

  private static func head(
    _ name: String, _ kind: String, _ unit: String?, _ help: String, _ output: inout String
  ) {
    output += "# TYPE \(name) \(kind)\n"
    if let unit { output += "# UNIT \(name) \(unit)\n" }
    output += "# HELP \(name) \(help)\n"
  }

  private static func conformance(_ run: Run, _ output: inout String) {
    guard let agents = run.conformance?.agents, !agents.isEmpty else { return }
    head("gauntlet_cases", "gauge", nil, "Conformance cases by verdict.", &output)
    for agent in agents {
      let counts = agent.results.reduce(into: [:]) { $0[$1.verdict.overall, default: 0] += 1 }
      for grade in Grade.allCases {
        let labels = labels([("agent", agent.name), ("verdict", grade.rawValue)])
        output += "gauntlet_cases\(labels) \(counts[grade, default: 0])\n"
      }
    }
  }

  private static var families: [Family] {
    [
      gauge("gauntlet_messages_per_second", nil, "Messages received per second.") {
        $0.measuredSeconds > 0 ? $0.messagesPerSecond : nil
      },
      gauge("gauntlet_cases_per_second", nil, "Conformance cases played per second.") {
        $0.cases?.playedPerSecond
      },
      gauge("gauntlet_messages", nil, "Messages received in the measuring phase.") {
        Double($0.totals.messagesReceived)
      },
      gauge("gauntlet_connections", nil, "Connections that were established.") {
        Double($0.totals.connectionsEstablished)
      },
      Family(name: "gauntlet_errors", help: "What went wrong, by kind.") { scenario in
        ErrorCount.Kind.allCases.map { kind in
          let count = scenario.load.errors.filter { $0.kind == kind }.map(\.count).clampedSum
          return "gauntlet_errors\(labels(scenario, [("kind", kind.rawValue)])) \(count)\n"
        }
      },
      Family(name: "gauntlet_trust", help: "Whether the numbers tell of the server.") { scenario in
        GeneratorReport.Validity.allCases.map { validity in
          let isIt = scenario.load.generator.validity == validity
          let labels = labels(scenario, [("validity", validity.rawValue)])
          return "gauntlet_trust\(labels) \(isIt ? 1 : 0)\n"
        }
      },
      gauge("gauntlet_reach_ratio", "ratio", "Replies as a share of planned messages.") {
        LoadMetric.reach.value(in: $0).map { $0 / 100 }
      },
      gauge(
        "gauntlet_server_cpu_seconds", "seconds", "The server's processor time for each message."
      ) { $0.serverNanosecondsPerMessage.map { $0 / 1e9 } },
      gauge(
        "gauntlet_generator_cpu_seconds", "seconds",
        "The generator's processor time for each message."
      ) { $0.generatorNanosecondsPerMessage.map { $0 / 1e9 } },
      gauge("gauntlet_server_memory_bytes", "bytes", "The server's memory with all connections.") {
        $0.serverProcess?.residentBytesAfter.map { Double($0) }
      },
      summary("gauntlet_latency_seconds", "From a message to its reply.", \.latencies),
      summary("gauntlet_set_up_seconds", "The set-up of connections.", \.setUp),
    ]
  }

  private static func gauge(
    _ name: String, _ unit: String?, _ help: String, _ value: @escaping (LoadResults) -> Double?
  ) -> Family {
    Family(name: name, unit: unit, help: help) { scenario in
      value(scenario.load).map { ["\(name)\(labels(scenario)) \(number($0))\n"] } ?? []
    }
  }

  private static func summary(
    _ name: String, _ help: String, _ records: @escaping (LoadResults) -> [LatencyRecord]
  ) -> Family {
    Family(name: name, kind: "summary", unit: "seconds", help: help) { scenario in
      records(scenario.load).flatMap { record in
        let histogram = record.histogram
        let own = [("of", record.name)]
        let quantiles = histogram.percentiles.map { point in
          let quantile = number(point.percentile / 100)
          return "\(name)\(labels(scenario, own + [("quantile", quantile)])) "
            + "\(number(Double(point.nanoseconds) / 1e9))\n"
        }
        let sum = histogram.meanNanoseconds / 1e9 * Double(histogram.count)
        return quantiles + [
          "\(name)_count\(labels(scenario, own)) \(histogram.count)\n",
          "\(name)_sum\(labels(scenario, own)) \(number(sum))\n",
        ]
      }
    }
  }

  private static func labels(
    _ scenario: Scenario, _ others: [(String, String)] = []
  ) -> String {
    labels([("scenario", scenario.key), ("target", scenario.load.target.url)] + others)
  }

  private static func labels(_ labels: [(String, String)]) -> String {
    let parts = labels.map { name, value in
      let text = VisibleText.replacing(VisibleText.visible(String(value.prefix(1000)))) { scalar in
        switch scalar {
        case "\\": "\\\\"
        case "\"": "\\\""
        case "\n": "\\n"
        default: nil
        }
      }
      return "\(name)=\"\(text)\""
    }
    return "{\(parts.joined(separator: ","))}"
  }

  private static func number(_ value: Double) -> String {
    value.isNaN ? "NaN" : value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : "\(value)"
  }
}
