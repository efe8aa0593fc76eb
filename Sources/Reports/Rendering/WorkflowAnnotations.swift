/// GitHub's workflow commands: an annotation for each failure, at the most as many as are shown.
public enum WorkflowAnnotations {
  /// How many annotations of a step the platform shows.
  public static let limit = 10

  /// Lines for standard output; empty when nothing is broken.
  public static func text(for run: Run) -> String {
    let failures = FlatResult.all(run.conformance).filter { $0.standing == .broken }
    var commands: [String] = []
    for agent in run.conformance?.agents ?? [] {
      for trouble in agent.troubles ?? [] { commands.append(command(agent.name, trouble)) }
    }
    for stale in run.conformance?.gate?.staleExpectations ?? [] {
      commands.append(command("expectations", stale))
    }
    for item in failures {
      var lines = [
        item.result.explanation, "\(item.description.section): \(item.description.why)",
      ]
      if let replay = item.result.replay { lines.append("Again: \(replay)") }
      commands.append(command("\(item.agent.name): \(item.names)", lines.joined(separator: "\n")))
    }
    let rest = commands.count - limit
    if rest > 0 {
      commands = Array(commands.prefix(limit - 1))
      commands.append(command("gauntlet", "\(rest + 1) more failures: see the summary"))
    }
    return commands.map { $0 + "\n" }.joined()
  }

  private static func command(_ title: String, _ message: String) -> String {
    let title = escaped(VisibleText.line(title), ":,")
    let message = escaped(VisibleText.visible(String(message.prefix(4000))), "\r\n")
    return "::error title=\(title)::\(message)"
  }

  /// `%`, and what else would end the text or begin another, as the platform's `%NN`.
  private static func escaped(_ text: String, _ others: String) -> String {
    VisibleText.replacing(text) { scalar in
      guard scalar == "%" || others.unicodeScalars.contains(scalar) else { return nil }
      return "%" + PeerBytes(Array(String(scalar).utf8)).hexadecimal.uppercased()
    }
  }
}

/// The summary in Markdown, for a platform's page.
public enum StepSummary {
  /// The Markdown of a run: totals and failures, below the platform's 1 MiB.
  public static func text(for run: Run) -> String { MarkdownSummary.text(for: run) }
}
