/// The load part of the page: a table that compares the scenarios, then each with its drawings.
enum LoadSection {
  static func text(_ content: PageContent) -> String {
    guard !content.load.isEmpty else { return "" }
    var output = "<section id=\"load\"><h2>Load</h2>"
    if content.load.count > 1 { output += comparison(content.load.map(\.results)) }
    for (index, load) in content.load.enumerated() {
      output += scenario(load.results, id: "load\(index)")
    }
    return output + "</section>"
  }

  /// `50`, `99.9`.
  static func name(_ percentile: Double) -> String { NumberText.plain(percentile) }

  private static func comparison(_ all: [LoadResults]) -> String {
    let rows = all.enumerated().map { index, load in
      let latency = load.latencies.first?.histogram
      return
        "<tr><th scope=\"row\"><a href=\"#load\(index)\">\(VisibleText.escaped(load.name))</a></th>"
        + "<td>\(NumberText.whole(load.rate))</td>"
        + "<td>\(NumberText.octets(load.payloadBytesPerSecond))/s</td>\(percentileCells(latency))"
        + "<td>\(errorText(load))</td><td>\(cost(load))</td></tr>"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="Scenarios side by side"><table \
      class="figures"><caption class="vh">Scenarios side by side</caption><thead><tr>\
      <th scope="col">Scenario</th><th scope="col">messages/s</th><th scope="col">payload</th>\
      \(percentileHeads)<th scope="col">errors</th><th scope="col">CPU per message</th></tr></thead>\
      <tbody>\(rows.joined())</tbody></table></div>
      """
  }

  private static let percentiles = [50, 90, 99, 99.9, 99.99]

  private static var percentileHeads: String {
    percentiles.map { "<th scope=\"col\">p\(name($0))</th>" }.joined()
      + "<th scope=\"col\">max</th>"
  }

  private static func percentileCells(_ histogram: StoredHistogram?) -> String {
    let values =
      percentiles.map { histogram?.nanoseconds(at: $0) }
      + [(histogram?.count ?? 0) > 0 ? histogram?.maximumNanoseconds : nil]
    return values.map { value in
      "<td>\(value.map { NumberText.duration(nanoseconds: Double($0)) } ?? "–")</td>"
    }.joined()
  }

  private static func errorText(_ load: LoadResults) -> String {
    load.errorCount == 0 ? "0" : "<span class=\"bad\">\(NumberText.grouped(load.errorCount))</span>"
  }

  private static func cost(_ load: LoadResults) -> String {
    load.generatorNanosecondsPerMessage.map { NumberText.duration(nanoseconds: $0) } ?? "–"
  }

  private static func scenario(_ load: LoadResults, id: String) -> String {
    let validity = load.generator.validity
    var output = "<article id=\"\(id)\" class=\"scenario\"><h3>\(VisibleText.escaped(load.name)) "
    output += "<span class=\"validity \(validity.rawValue)\">\(validity.rawValue)</span></h3>"
    output += "<p class=\"sub\">\(VisibleText.escaped(load.target.url)) · "
    output +=
      "\(VisibleText.escaped(load.title)) · \(NumberText.fixed(load.measuredSeconds, 1)) s measured</p>"
    if !load.generator.remarks.isEmpty {
      let remarks = load.generator.remarks.map { "<li>\(VisibleText.escaped($0))</li>" }
      output += "<ul class=\"notice\">\(remarks.joined())</ul>"
    }
    output += objectives(load) + figures(load) + findings(load)
    output += "<div class=\"charts\">\(LoadCharts(load: load, id: id).figures)</div>"
    output += distributions(load) + errors(load) + facts(load)
    return output + "</article>"
  }

  private static func objectives(_ load: LoadResults) -> String {
    guard let outcomes = load.objectives else { return "" }
    let items = outcomes.map { outcome in
      let word = outcome.isMet ? "met" : "<span class=\"bad\">missed</span>"
      return "<li><code>\(VisibleText.escaped(outcome.objective))</code> \(word): "
        + "\(VisibleText.escaped(outcome.measured))</li>"
    }
    return "<ul class=\"objectives\">\(items.joined())</ul>"
  }

  /// What the workload showed beyond figures, in words.
  private static func findings(_ load: LoadResults) -> String {
    guard !load.findings.isEmpty else { return "" }
    let items = load.findings.map {
      "<li><b>\(VisibleText.escaped($0.name))</b> \(VisibleText.escaped($0.value))</li>"
    }
    return "<ul class=\"objectives\">\(items.joined())</ul>"
  }

  private static func figures(_ load: LoadResults) -> String {
    var figures = [
      (load.rateUnit, NumberText.whole(load.rate)),
      (
        load.scenario.isEcho ? "payload each way" : "payload received",
        "\(NumberText.octets(load.payloadBytesPerSecond))/s"
      ),
      ("messages", NumberText.grouped(load.totals.messagesReceived)),
      (
        "connections",
        "\(NumberText.grouped(load.totals.connectionsEstablished))"
          + "<small> of \(NumberText.grouped(load.totals.connectionsAttempted))</small>"
      ),
      ("errors", errorText(load)),
      ("generator CPU per message", cost(load)),
    ]
    if let rate = load.connectionsPerSecond {
      figures.append(("connections/s", NumberText.whole(rate)))
    }
    if let cost = load.serverNanosecondsPerMessage {
      figures.append(("server CPU per message", NumberText.duration(nanoseconds: cost)))
    }
    if let memory = load.serverProcess?.residentBytesAfter {
      figures.append(("server memory", NumberText.octets(Double(memory))))
    }
    if let share = load.generator.loopBusyShare {
      figures.append(("generator busy", "\(NumberText.fixed(share * 100, 0)) %"))
    }
    if let memory = load.generator.peakMemoryBytes {
      figures.append(("generator memory", NumberText.octets(Double(memory))))
    }
    let items = figures.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }
    return "<dl class=\"strip\">\(items.joined())</dl>"
  }

  private static func distributions(_ load: LoadResults) -> String {
    let records =
      load.latencies.map { ("Latency \($0.name)", $0.histogram) }
      + load.setUp.map { ("Set-up: \($0.name)", $0.histogram) }
    guard !records.isEmpty else { return "" }
    let rows = records.map { name, histogram in
      "<tr><th scope=\"row\">\(VisibleText.escaped(name))</th>"
        + "<td>\(NumberText.grouped(histogram.count))</td>"
        + "<td>\(NumberText.duration(nanoseconds: histogram.meanNanoseconds))</td>"
        + "\(percentileCells(histogram))</tr>"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="Distributions"><table \
      class="figures"><caption class="vh">Latency and connection set-up</caption><thead><tr>\
      <th scope="col">Distribution</th><th scope="col">count</th><th scope="col">mean</th>\
      \(percentileHeads)</tr></thead><tbody>\(rows.joined())</tbody></table></div>
      """
  }

  private static func errors(_ load: LoadResults) -> String {
    let errors = load.errors.filter { $0.count > 0 }
    guard !errors.isEmpty else { return "" }
    let rows = errors.map { error in
      "<tr><th scope=\"row\">\(error.noun)</th><td>\(NumberText.grouped(error.count))</td>"
        + "<td class=\"words\">\(VisibleText.escaped(error.example ?? ""))</td></tr>"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="Errors"><table class="figures">\
      <caption class="vh">Errors by kind</caption><thead><tr><th scope="col">What went wrong</th>\
      <th scope="col">count</th><th scope="col" class="words">for instance</th></tr></thead><tbody>\
      \(rows.joined())</tbody></table></div>
      """
  }

  private static func facts(_ load: LoadResults) -> String {
    var facts = load.scenario.settings
    facts += load.phases.map { phase in
      let duration = NumberText.duration(nanoseconds: Double(phase.durationNanoseconds))
      return Fact("Phase \(phase.name)", duration + (phase.isMeasured ? ", measured" : ""))
    }
    if let cost = load.generator.clockReadNanoseconds {
      facts.append(Fact("One look at the clock", NumberText.duration(nanoseconds: cost)))
    }
    if let server = load.target.serverHeader { facts.append(Fact("Server", server)) }
    facts += load.target.facts
    let rows = facts.map { fact in
      "<div><dt>\(VisibleText.escaped(fact.name))</dt><dd>\(VisibleText.escaped(fact.value))</dd></div>"
    }
    let replay = load.replay.map {
      "<p class=\"replay\"><span>Again:</span> <code>\(VisibleText.escaped($0))</code></p>"
    }
    return "<details class=\"more\"><summary>Scenario and target</summary>"
      + "<dl class=\"facts\">\(rows.joined())</dl></details>\(replay ?? "")"
  }
}
