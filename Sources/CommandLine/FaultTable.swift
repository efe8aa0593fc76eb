import FaultyTwins
import WebSocketProtocol

/// The proof as a page: which cases find which fault.
struct FaultTable {
  let outcomes: [FaultTrial.Outcome]

  /// The twins with a fault.
  var faulty: [FaultTrial.Outcome] { outcomes.filter { $0.fault != nil } }
  /// The twins without one.
  var honest: [FaultTrial.Outcome] { outcomes.filter { $0.fault == nil } }
  /// Those that no case found.
  var missed: [FaultTrial.Outcome] { faulty.filter(\.findings.isEmpty) }
  /// Those that only cases of other clauses found.
  var foundElsewhere: [FaultTrial.Outcome] {
    faulty.filter { !$0.findings.isEmpty && $0.ownFindings.isEmpty }
  }
  /// Every fault was found by a case of its clause, and the honest twins passed everything.
  var isMet: Bool {
    missed.isEmpty && foundElsewhere.isEmpty
      && honest.allSatisfy { $0.findings.isEmpty && $0.isComplete }
  }

  /// One line a side: how many faults were found.
  var summary: String {
    var lines: [String] = []
    for side in [Role.server, .client] {
      let all = faulty.filter { $0.side == side }
      guard !all.isEmpty else { continue }
      let found = all.count { !$0.findings.isEmpty }
      let own = all.count { !$0.ownFindings.isEmpty }
      let established = all.count { !$0.establishedFindings.isEmpty }
      lines.append(
        "\(side): \(found) of \(all.count) faults found, \(own) by a case of their own clause; "
          + "the 517 established cases alone find \(established)")
    }
    for outcome in honest {
      lines.append(
        "honest \(outcome.side): \(outcome.playedCount) of \(outcome.caseCount) cases played, "
          + "\(outcome.findings.count) failed"
          + outcome.findings.prefix(5).map { " \($0)" }.joined())
    }
    return lines.joined(separator: "\n")
  }

  /// The page, in Markdown.
  var markdown: String {
    var page = """
      # Faulty twins

      Each row is the reference endpoint with one rule broken. *Found by* are the cases that fail \
      then, those of the fault's own clause first; *517* are the cases of the established suite \
      that fail by its own rules. Of the cases that failed at most 30 are played once more, on their \
      own, and only what fails again counts: so the numbers say *at least*. Heavy and slow cases are \
      left out, but for faults of limits and resources.


      """
    page += summary.split(separator: "\n").map { "- \($0)\n" }.joined() + "\n"
    page += section("Not found by any case", missed)
    page += section("Found, but not by a case of the fault's own clause", foundElsewhere)
    for side in [Role.server, .client] {
      for area in Fault.Area.allCases {
        let rows = faulty.filter { $0.side == side && $0.fault?.area == area }
        page += section("\(side): \(area.rawValue)", rows)
      }
    }
    let onlyHere = faulty.filter { !$0.findings.isEmpty && $0.establishedFindings.isEmpty }
    page += section("Not found by the 517 established cases", onlyHere)
    return page
  }

  private func section(_ title: String, _ rows: [FaultTrial.Outcome]) -> String {
    guard !rows.isEmpty else { return "" }
    var text = "## \(title)\n\n| fault | side | clause | found by | own clause | 517 |\n"
    text += "|---|---|---|---|---|---|\n"
    for row in rows {
      guard let fault = row.fault else { continue }
      let first = (row.ownFindings + row.findings.filter { !row.ownFindings.contains($0) })
      let names = first.prefix(3).map { "`\($0)`" }.joined(separator: ", ")
      let more = first.count > 3 ? " and \(first.count - 3) more" : ""
      let established = row.establishedFindings
      text += "| `\(fault.name)`: \(fault.sentence) | \(row.side) | \(fault.clause) "
      text += "| \(names)\(more) | \(row.ownFindings.count) | \(established.count)"
      if !established.isEmpty { text += " (\(established.prefix(3).joined(separator: ", ")))" }
      text += " |\n"
    }
    return text + "\n"
  }

  /// One line a fault, for other programs.
  var tabSeparated: String {
    var text = "side\tarea\tfault\tclause\tcases\tof_its_clause\testablished\tfirst_cases\n"
    for row in faulty {
      guard let fault = row.fault else { continue }
      let first = (row.ownFindings + row.findings).prefix(5).joined(separator: " ")
      text += "\(row.side)\t\(fault.area.rawValue)\t\(fault.name)\t\(fault.clause)\t"
      text += "\(row.findings.count)\t\(row.ownFindings.count)\t"
      text += "\(row.establishedFindings.count)\t\(first)\n"
    }
    return text
  }
}
