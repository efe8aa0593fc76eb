public import Reports
import CaseLanguage

extension ExpectationFile {
  /// The text of a file that expects what came out: every failure, and what is not supported.
  ///
  /// Reasons that were known are kept. Where all cases of a folder are unsupported, one line stands
  /// for them. What is `acceptable` is not written down, because it may depend on timing.
  public static func text(for results: ConformanceResults, corpus: [CaseDescription]) -> String {
    var text = """
      # What is expected of gauntlet conform: pattern, verdict, reason.
      # The last line that fits a case counts; what is not listed is expected to be met.

      """
    for agent in results.agents {
      let lines = lines(for: agent, corpus: corpus)
      if results.agents.count > 1, !lines.isEmpty {
        text += "\nagent  \(pattern(for: agent.name))\n"
      }
      let widths = (0..<2).map { column in lines.map { $0[column].count }.max() ?? 0 }
      for line in lines {
        for column in 0..<2 {
          let padding = widths[column] + 2 - line[column].count
          text += line[column] + String(repeating: " ", count: padding)
        }
        text += line[2] + "\n"
      }
    }
    return text
  }

  /// Pattern, verdict and reason of each line.
  private static func lines(
    for agent: AgentResults, corpus: [CaseDescription]
  ) -> [[String]] {
    let grades = Dictionary(
      agent.results.map { ($0.caseID, $0.verdict.overall) }, uniquingKeysWith: { first, _ in first }
    )
    var covered: Set<String> = []
    return agent.results.compactMap { result in
      let grade = result.verdict.overall
      guard grade == .fail || grade == .error || grade == .unsupported else { return nil }
      let reason = oneLine(result.knownFailure ?? result.reason)
      guard grade == .unsupported, let slash = result.caseID.lastIndex(of: "/") else {
        return [result.caseID, grade.rawValue, reason]
      }
      let folder = String(result.caseID[...slash]) + "*"
      if covered.contains(folder) { return nil }
      let all = corpus.filter { Glob.matches(folder, $0.id) }
      guard all.allSatisfy({ grades[$0.id] == .unsupported }) else {
        return [result.caseID, grade.rawValue, reason]
      }
      covered.insert(folder)
      return [folder, grade.rawValue, reason]
    }
  }

  /// A reason that stays on its line, whatever a peer has put into it.
  private static func oneLine(_ text: String) -> String {
    let words = text.split { $0.isWhitespace || $0.isNewline }
    let line = words.joined(separator: " ").unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? "?" : String(scalar)
    }
    return line.isEmpty ? "no reason was given" : line.joined()
  }

  /// A pattern that fits the name: what could not stand in a line is any character.
  private static func pattern(for name: String) -> String {
    let scalars = oneLine(name).split(separator: " ").joined(separator: " ")
    return scalars == name
      ? name
      : name.unicodeScalars.map { scalar in
        scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
          ? "*" : String(scalar)
      }.joined()
  }
}
