/// The head of the page: what it is about, the figures that count, what needs attention.
enum SummarySection {
  /// How many failures are listed before the reader is sent to the matrix.
  private static let failureLimit = 200
  /// How many of them are listed without a click.
  private static let shownLimit = 12

  static func text(_ content: PageContent) -> String {
    var output = "<section class=\"hero\"><h1>\(VisibleText.escaped(content.title))</h1>"
    output += "<p class=\"sub\">\(subtitle(content))</p>"
    if content.runs.contains(where: { !$0.isComplete }) {
      output += "<p class=\"notice\">The run did not end; these are its results so far.</p>"
    }
    output += "<div class=\"tiles\">"
    for agent in content.agents { output += tile(agent, content) }
    for load in content.load { output += tile(load.results) }
    output += "</div></section>"
    return output + attention(content)
  }

  private static func subtitle(_ content: PageContent) -> String {
    guard let first = content.runs.first else { return "" }
    let run = content.runs.max { $0.started < $1.started } ?? first
    let time = "\(run.started)".prefix(16).replacing("T", with: " ")
    let elapsed = content.runs.reduce(0.0) { $0 + Double($1.elapsedNanoseconds) }
    return [
      "\(time) UTC", "took \(NumberText.duration(nanoseconds: elapsed))",
      VisibleText.escaped("\(run.tool.name) \(run.tool.version)"),
      VisibleText.escaped(run.environment.machine),
    ].joined(separator: " · ")
  }

  private static func tile(_ agent: PageContent.Agent, _ content: PageContent) -> String {
    let counts = content.counts(of: agent)
    let total = counts.values.reduce(0, +) - counts[.unsupported, default: 0]
    let met = total - counts[.fail, default: 0] - counts[.error, default: 0]
    let isGood = met == total
    var legend = ""
    for grade in Grade.allCases {
      guard let count = counts[grade], count > 0 else { continue }
      legend += HTMLPage.badge(grade, label: "\(count) \(grade.rawValue)")
    }
    return """
      <a class="tile" href="#conformance"><span class="eyebrow">Conformance</span>
      <span class="name">\(VisibleText.escaped(agent.name))</span>
      <span class="figure\(isGood ? "" : " bad")">\(met)<small> of \(total) cases met</small></span>
      \(HTMLPage.bar(counts))<span class="legend">\(legend)</span></a>
      """
  }

  private static func tile(_ load: LoadResults) -> String {
    let latency = load.latencies.first?.histogram
    let percentiles = [50, 99, 99.9].compactMap { percentile in
      latency?.nanoseconds(at: percentile).map {
        "<span><b>\(NumberText.duration(nanoseconds: Double($0)))</b> p\(LoadSection.name(percentile))</span>"
      }
    }
    let missed = load.missedObjectives.count
    let objectives =
      missed == 0
      ? "" : "<span class=\"bad\">\(missed) objective\(missed == 1 ? "" : "s") missed</span>"
    let errors =
      load.errorCount == 0
      ? "<span class=\"fine\">no errors</span>"
      : "<span class=\"bad\">\(NumberText.grouped(load.errorCount)) errors</span>"
    let validity = load.generator.validity
    let doubt =
      validity == .valid
      ? "" : "<span class=\"validity \(validity.rawValue)\">\(validity.rawValue)</span>"
    return """
      <a class="tile" href="#load"><span class="eyebrow">Load</span>
      <span class="name">\(VisibleText.escaped(load.name))</span>
      <span class="figure">\(NumberText.count(load.rate))<small> \(load.rateUnit)</small></span>
      <span class="legend">\(percentiles.joined())\(errors)\(objectives)\(doubt)</span></a>
      """
  }

  private static func attention(_ content: PageContent) -> String {
    guard !content.agents.isEmpty else { return "" }
    let failures = content.failures
    guard !failures.isEmpty else {
      let troubles = content.runs.flatMap(RunTrouble.all).filter { $0.standing == .broken }
      guard troubles.isEmpty else { return attention(troubles) }
      return "<p class=\"calm\">\(HTMLPage.badge(.pass, label: ""))\(calm(content))</p>"
    }
    let count = NumberText.grouped(failures.count)
    var output = "<section id=\"attention\"><h2>Needs attention <small>\(count)</small></h2>"
    let groups = grouped(failures)
    let items = groups.prefix(failureLimit).map { item($0, content) }
    output += "<ol class=\"failures\">\(items.prefix(shownLimit).joined())</ol>"
    if items.count > shownLimit {
      output += "<details class=\"more\"><summary>\(items.count - shownLimit) more</summary>"
      output += "<ol class=\"failures\">\(items.dropFirst(shownLimit).joined())</ol></details>"
    }
    let rest = groups.dropFirst(failureLimit).reduce(0) { $0 + $1.count }
    if rest > 0 { output += "<p class=\"more\">and \(rest) others in the table below</p>" }
    return output + "</section>"
  }

  /// The sentence where nothing stops the gate: what it lets pass is said.
  private static func calm(_ content: PageContent) -> String {
    let standings = content.cases.flatMap { description in
      content.agents.compactMap { agent in
        agent.resultsByID[description.id].map {
          agent.standing(of: $0, level: description.level)
        }
      }
    }
    let passed = [
      (standings.count { $0 == .tolerated }, "known to fail and tolerated"),
      (standings.count { $0 == .uncounted }, "less binding than what counts here"),
    ].filter { $0.0 > 0 }
    guard !passed.isEmpty else { return "No requirement was broken." }
    let parts = passed.map { "\(NumberText.grouped($0.0)) \($0.1)" }
    return "Nothing stops the gate. Not met, but let pass: \(parts.joined(separator: "; "))."
  }

  /// What went wrong where no case tells of it.
  private static func attention(_ troubles: [RunTrouble]) -> String {
    let items = troubles.map { trouble in
      "<p>\(HTMLPage.badge(trouble.grade)) <b>\(VisibleText.escaped(trouble.place))</b>: "
        + "\(VisibleText.escaped(trouble.reason))</p>"
    }
    return "<section id=\"attention\"><h2>Needs attention <small>\(troubles.count)</small></h2>"
      + items.joined() + "</section>"
  }

  /// The failures of a case that have the same reason stand together, those of most agents first.
  private static func grouped(_ failures: [PageContent.Failure]) -> [[PageContent.Failure]] {
    var groups: [[PageContent.Failure]] = []
    var positions: [String: Int] = [:]
    for failure in failures {
      let key = failure.description.id + "\0" + failure.result.reason
      if let position = positions[key] {
        groups[position].append(failure)
      } else {
        positions[key] = groups.count
        groups.append([failure])
      }
    }
    let order = groups.indices.sorted {
      (-groups[$0].count, $0) < (-groups[$1].count, $1)
    }
    return order.map { groups[$0] }
  }

  private static func item(_ failures: [PageContent.Failure], _ content: PageContent) -> String {
    guard let failure = failures.first else { return "" }
    let description = failure.description
    let aliases = description.aliases.map {
      "<span class=\"alias\">\(VisibleText.escaped($0))</span>"
    }
    let agents = VisibleText.escaped(failures.map(\.agent.name).joined(separator: ", "))
    let name = content.agents.count > 1 ? "<span class=\"who\">\(agents)</span>" : ""
    return """
      <li>\(HTMLPage.badge(failure.result.verdict.overall))<div>\
      <a href="#case/\(VisibleText.percentEncoded(description.id))">\
      \(VisibleText.escaped(description.id))</a>\(aliases.joined())\(name)\
      <p>\(VisibleText.escaped(failure.result.reason))</p></div></li>
      """
  }
}

extension Environment {
  /// Processor, memory and kernel in a line.
  var machine: String {
    let memory = memoryByteCount > 0 ? NumberText.octets(Double(memoryByteCount)) : ""
    return ["\(processorCount) × \(processor.isEmpty ? architecture : processor)", memory, kernel]
      .filter { !$0.isEmpty }.joined(separator: ", ")
  }
}
