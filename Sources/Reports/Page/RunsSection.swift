/// How the runs were made: command line, machine, versions.
enum RunsSection {
  static func text(_ content: PageContent) -> String {
    let runs = content.runs.map { run in
      let rows = facts(of: run).map { name, value in
        "<div><dt>\(VisibleText.escaped(name))</dt><dd>\(value)</dd></div>"
      }
      let heading =
        content.runs.count > 1
        ? "<h3>\(VisibleText.escaped(run.title ?? "\(run.started)"))</h3>" : ""
      return "\(heading)<dl class=\"facts\">\(rows.joined())</dl>"
    }
    return "<section id=\"runs\"><h2>How it was made</h2>\(runs.joined())</section>"
  }

  private static func facts(of run: Run) -> [(String, String)] {
    let environment = run.environment
    let command = ShellText.command(run.commandLine)
    let averages = environment.loadAverages.map { NumberText.fixed($0, 2) }
    var facts: [(String, String)] = [
      ("Command", "<code>\(VisibleText.escaped(command))</code>"),
      ("Started", "\(run.started)"),
      ("Took", NumberText.duration(nanoseconds: Double(run.elapsedNanoseconds))),
      ("Program", VisibleText.escaped("\(run.tool.name) \(run.tool.version)")),
      ("System", VisibleText.escaped(environment.operatingSystem)),
      ("Machine", VisibleText.escaped(environment.machine)),
      ("Load average", averages.joined(separator: " ")),
      ("Swift", VisibleText.escaped(environment.swiftVersion)),
    ]
    if let source = environment.source {
      let words = [source.commit, source.branch].compactMap { $0 }.joined(separator: " · ")
      facts.append(("Commit", VisibleText.escaped(words)))
    }
    if let version = environment.openSSLVersion {
      facts.append(("TLS", VisibleText.escaped(version)))
    }
    if let version = environment.zlibVersion {
      facts.append(("zlib", VisibleText.escaped(version)))
    }
    facts += environment.facts.map { ($0.name, VisibleText.escaped($0.value)) }
    for agent in run.conformance?.agents ?? [] {
      let all =
        [agent.url, agent.serverHeader].compactMap { $0 }
        + agent.facts.map { "\($0.name): \($0.value)" }
      facts.append((agent.name, VisibleText.escaped(all.joined(separator: " · "))))
    }
    return facts.filter { !$0.1.isEmpty }
  }
}
