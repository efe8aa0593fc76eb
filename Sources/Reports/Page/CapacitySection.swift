/// The part of the page on a server's capacity: what it came to, the curve, and every play.
enum CapacitySection {
  static func text(_ content: PageContent) -> String {
    let found = content.runs.compactMap(\.capacity)
    guard !found.isEmpty else { return "" }
    let parts = found.enumerated().map { part($1, id: "capacity-\($0)") }
    return "<section id=\"capacity\"><h2>Capacity</h2>\(parts.joined())</section>"
  }

  private static func part(_ results: CapacityResults, id: String) -> String {
    let sentence = VisibleText.escaped(CapacityText.sentence(results))
    var output = "<article class=\"scenario\"><p>\(sentence)</p>"
    if let exhausted = results.exhausted {
      output += "<p class=\"sub\">gave out: \(VisibleText.escaped(exhausted))</p>"
    }
    output += "<div class=\"charts one\">\(curve(results, id: id) ?? "")</div>"
    return output + table(results) + "</article>"
  }

  /// Latency over load, up to where most of it was not carried any more.
  private static func curve(_ results: CapacityResults, id: String) -> String? {
    let limit = (results.high ?? .infinity) * 1.05
    let probes = results.curve.filter { $0.load <= limit && $0.p99Nanoseconds != nil }
    guard probes.count > 1, let last = probes.last else { return nil }
    func line(
      _ name: String, _ style: Int, _ value: KeyPath<CapacityResults.Probe, Int64?>
    ) -> Chart.Line {
      Chart.Line(
        name: name, style: style,
        points: probes.compactMap { probe in
          probe[keyPath: value].map { (probe.load, Double($0)) }
        })
    }
    let lines = [
      line("p50", 1, \.p50Nanoseconds), line("p99", 2, \.p99Nanoseconds),
      line("p99.9", 3, \.p999Nanoseconds),
    ]
    let values = lines.flatMap(\.points).map(\.y).filter { $0 > 0 }
    guard let least = values.min(), let greatest = values.max() else { return nil }
    let chart = Chart(
      title: "Latency by load",
      description: "Percentiles of latency at each load that was played, up to "
        + "\(NumberText.count(last.load)) \(results.axis.unit).",
      x: .fromZero(to: last.load, label: results.axis.unit, text: NumberText.plainCount),
      y: .logarithmic(least...greatest, label: "latency", text: NumberText.plainDuration),
      lines: lines,
      bands: results.knee.map { knee in
        [Chart.Band(label: "knee", range: knee...max(knee, last.load))]
      } ?? [])
    return chart.figure(id: "\(id)-curve")
  }

  private static func table(_ results: CapacityResults) -> String {
    let header = [
      "load", "messages/s", "p50", "p99", "p99.9", "errors", "carried",
    ].map { "<th scope=\"col\">\($0)</th>" }
    let rows = results.probes.map { probe in
      func cell(_ nanoseconds: Int64?) -> String {
        nanoseconds.map { NumberText.duration(nanoseconds: Double($0)) } ?? "–"
      }
      let missed = VisibleText.escaped(probe.missed.joined(separator: "; "))
      let verdict = probe.isMet ? "yes" : "<span class=\"bad\">\(missed)</span>"
      let cells = [
        NumberText.grouped(probe.load), NumberText.grouped(probe.messagesPerSecond),
        cell(probe.p50Nanoseconds), cell(probe.p99Nanoseconds), cell(probe.p999Nanoseconds),
        "\(probe.errorCount)", verdict,
      ]
      return "<tr>\(cells.map { "<td>\($0)</td>" }.joined())</tr>"
    }
    return """
      <details class="more"><summary>\(results.probes.count) plays</summary>\
      <div class="scroll" tabindex="0" role="region" aria-label="All plays"><table class="figures">\
      <caption class="vh">All plays of the search</caption><thead><tr>\(header.joined())</tr></thead>\
      <tbody>\(rows.joined())</tbody></table></div></details>
      """
  }
}
