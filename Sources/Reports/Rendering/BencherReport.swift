/// What load runs measured as Bencher Metric Format (BMF): a JSON object that has for each benchmark
/// its measures.
///
/// Of repetitions the middle is the value, and the least and the greatest are its bounds.
enum BencherReport {
  /// What is told, by which measure; `latency` and `throughput` are those that Bencher has built in.
  private static let measures: [(slug: String, metric: LoadMetric)] = [
    ("throughput", .rate), ("latency", .percentile(50, ofSetUp: false)),
    ("latency-p99", .percentile(99, ofSetUp: false)),
    ("latency-p99-9", .percentile(99.9, ofSetUp: false)), ("errors", .errors(asShare: false)),
    ("connect-p50", .percentile(50, ofSetUp: true)), ("server-cpu", .serverCPU),
  ]

  /// The document: times in nanoseconds, throughput in messages per second.
  static func text(for runs: [Run]) -> String {
    var groups: [(name: String, results: [LoadResults])] = []
    for (name, results) in runs.flatMap(\.keyedLoads) {
      if let index = groups.firstIndex(where: { $0.name == name }) {
        groups[index].results.append(results)
      } else {
        groups.append((name, [results]))
      }
    }
    let members = groups.map { name, results in
      (
        name,
        JSONText.object(
          measures.compactMap { slug, metric in
            let values = results.compactMap { metric.value(in: $0) }.filter(\.isFinite)
            guard let least = values.min(), let greatest = values.max() else { return nil }
            var members: [(String, JSONText)] = [("value", .double(values.median))]
            if values.count > 1 {
              members += [("lower_value", .double(least)), ("upper_value", .double(greatest))]
            }
            return (slug, JSONText.object(members))
          })
      )
    }
    return JSONText.object(members).text(indent: 2) + "\n"
  }
}
