/// The pages of the established suite's report: the table of all cases and agents, and one page for
/// each case and agent; without scripts and without any other file.
enum EstablishedPages {
  /// The pages of a run; empty when no case of it has a number in the established suite.
  static func files(for results: ConformanceResults) -> [EstablishedReport.File] {
    var cells: [String: [String: Cell]] = [:]
    var titles: [String: String] = [:]
    var numbers: [String] = []
    var files: [EstablishedReport.File] = []
    for entry in EstablishedReport.entries(of: results) {
      let name = entry.name + ".html"
      let view = entry.view
      cells[entry.agent, default: [:]][entry.number] = Cell(
        behavior: view.behavior, behaviorClose: view.behaviorClose,
        remoteCloseCode: view.remoteCloseCode, duration: view.durationMilliseconds, file: name)
      let title = entry.description.aliasDescription ?? entry.description.why
      if titles.updateValue(title, forKey: entry.number) == nil { numbers.append(entry.number) }
      files.append(
        EstablishedReport.File(
          name: name,
          text: page(
            of: entry.result, view, entry.description, number: entry.number, agent: entry.agent)))
    }
    guard !files.isEmpty else { return [] }
    let agents = results.agents.map(\.name).filter { cells[$0] != nil }
    numbers.sort {
      $0.split(separator: ".").lexicographicallyPrecedes($1.split(separator: ".")) {
        (Int($0) ?? 0) < (Int($1) ?? 0)
      }
    }
    let table = index(agents: agents, numbers: numbers, titles: titles, cells: cells)
    return [EstablishedReport.File(name: "index.html", text: table)] + files
  }

  /// One result as the table needs it.
  struct Cell {
    var behavior: AliasView.Behavior
    var behaviorClose: AliasView.BehaviorClose
    var remoteCloseCode: Int?
    var duration: Int
    var file: String
  }

  // MARK: The table

  /// `index.html`: a row for each case number, two columns for each agent.
  static func index(
    agents: [String], numbers: [String], titles: [String: String],
    cells: [String: [String: Cell]]
  ) -> String {
    var rows = ""
    var category = Substring()
    for number in numbers {
      let first = number.prefix { $0 != "." }
      if first != category {
        category = first
        let head = agents.map { "<th colspan=\"2\">\(VisibleText.escaped($0))</th>" }.joined()
        rows += "<tr class=\"category\"><th>\(first) \(categoryName(first))</th>\(head)</tr>\n"
      }
      let columns = agents.map { column(cells[$0]?[number]) }.joined()
      let title = VisibleText.attribute(titles[number] ?? "")
      rows += "<tr><td class=\"case\" title=\"\(title)\">Case \(number)</td>\(columns)</tr>\n"
    }
    return document(
      title: "WebSocket Protocol Test Report",
      body: """
        <h1>WebSocket Protocol Test Report</h1>
        <p>Made by \(VisibleText.escaped(Tool.gauntlet.name)) \(Tool.gauntlet.version) in the shape \
        of the Autobahn testsuite’s report. <b>Pass</b>: as expected. <b>Non-Strict</b>: conforming, \
        but not strictly. <b>Fail</b>: not as expected. <b>Info</b>: not judged. <b>Unimplemented</b>: \
        not supported. <b>Missing</b>: not played. The second column of an agent is about the closing.</p>
        <table id="agent_case_results">\(rows)</table>
        """)
  }

  private static func column(_ cell: Cell?) -> String {
    guard let cell else {
      return "<td class=\"case_missing\" colspan=\"2\">Missing</td>"
    }
    let (name, style) = label(cell.behavior)
    let (close, closeStyle) = closeLabel(cell)
    let file = VisibleText.attribute(cell.file)
    return
      "<td class=\"\(style)\"><a href=\"\(file)\">\(name)</a><br><span>\(cell.duration) ms</span>"
      + "</td><td class=\"close \(closeStyle)\">\(close)</td>"
  }

  private static func label(_ behavior: AliasView.Behavior) -> (name: String, style: String) {
    switch behavior {
    case .ok: ("Pass", "case_ok")
    case .nonStrict: ("Non-Strict", "case_non_strict")
    case .failed: ("Fail", "case_failed")
    case .informational: ("Info", "case_info")
    case .unimplemented: ("Unimplemented", "case_unimplemented")
    }
  }

  private static func closeLabel(_ cell: Cell) -> (name: String, style: String) {
    let code = cell.remoteCloseCode.map { "\($0)" } ?? "None"
    switch cell.behaviorClose {
    case .ok: return (code, "case_ok")
    case .informational: return (code, "case_info")
    case .wrongCode: return (code, "case_non_strict")
    case .unclean: return ("Unclean", "case_failed")
    case .failed, .failedByClient: return ("Fail", "case_failed")
    }
  }

  private static func categoryName(_ number: Substring) -> String {
    switch number {
    case "1": "Framing"
    case "2": "Pings/Pongs"
    case "3": "Reserved Bits"
    case "4": "Opcodes"
    case "5": "Fragmentation"
    case "6": "UTF-8 Handling"
    case "7": "Close Handling"
    case "9": "Limits/Performance"
    case "10": "Misc"
    case "12": "WebSocket Compression (different payloads)"
    case "13": "WebSocket Compression (different parameters)"
    default: ""
    }
  }

  // MARK: A case

  /// The page of one result.
  static func page(
    of result: CaseResult, _ view: AliasView, _ description: CaseDescription, number: String,
    agent: String
  ) -> String {
    let (name, style) = label(view.behavior)
    let text = VisibleText.escaped
    let title = "\(agent) – Case \(number) : \(name) - \(view.durationMilliseconds) ms"
    let handshake = [view.httpRequest, view.httpResponse].map {
      "<pre class=\"http_dump\">\(text($0 ?? "?"))</pre>"
    }
    return document(
      title: title,
      body: """
        <p><a href="index.html">All cases</a></p>
        <h1>\(text(agent)) – <span class="\(style)">Case \(number) : \(name)</span> – \
        \(view.durationMilliseconds) ms @ \(view.started)</h1>
        <h2>Case Description</h2><p>\(text(description.aliasDescription ?? description.why))</p>
        <h2>Case Expectation</h2><p>\(text(description.aliasExpectation ?? description.why))</p>
        <h2>Case Outcome</h2><p>\(text(view.result))</p>
        <p><b>Expected:</b></p>\(events(view.expected))
        <p><b>Observed:</b></p><p class="events">\(text(EstablishedReport.eventText(view.received)))</p>
        <h2>Case Closing Behavior</h2><p>\(text(view.resultClose)) (\(view.behaviorClose.rawValue))</p>
        <h2>Opening Handshake</h2>\(handshake.joined())
        <h2>Closing Behavior</h2>\(closing(view))
        <h2>Wire Statistics</h2>
        <h3>Octets Received by Chop Size</h3>\(counts(view.rxOctetStats, "Chop Size", weighted: true))
        <h3>Octets Transmitted by Chop Size</h3>\
        \(counts(view.txOctetStats, "Chop Size", weighted: true))
        <h3>Frames Received by Opcode</h3>\(counts(view.rxFrameStats, "Opcode", weighted: false))
        <h3>Frames Transmitted by Opcode</h3>\(counts(view.txFrameStats, "Opcode", weighted: false))
        <h2>Wire Log</h2>\(wireLog(result))
        """)
  }

  private static func events(_ expected: [AliasView.Behavior.RawValue: [AliasEvent]]) -> String {
    guard !expected.isEmpty else { return "<p class=\"events\">every echo as sent</p>" }
    return expected.sorted { $0.key < $1.key }.map { grade, events in
      "<p class=\"events\">\(VisibleText.escaped(grade)): "
        + "\(VisibleText.escaped(EstablishedReport.eventText(events)))</p>"
    }.joined()
  }

  private static func closing(_ view: AliasView) -> String {
    let reason = { (code: Int?, text: String?) in
      (code.map { "\($0)" } ?? "None") + (text.map { " (\($0))" } ?? "")
    }
    let rows: [(String, String, String)] = [
      ("isServer", "\(view.isServer)", "The suite was the server."),
      ("closedByMe", "\(view.closedByMe)", "The suite sent a Close first."),
      ("failedByMe", "\(view.failedByMe)", "The suite failed the connection."),
      ("droppedByMe", "\(view.droppedByMe)", "The suite dropped TCP."),
      ("wasClean", "\(view.wasClean)", "There was a closing handshake in time."),
      (
        "wasNotCleanReason", view.wasNotCleanReason ?? "None",
        "Why it was not clean, if it was not."
      ),
      (
        "wasServerConnectionDropTimeout", "\(view.wasServerConnectionDropTimeout)",
        "The server did not drop TCP in time."
      ),
      (
        "wasOpenHandshakeTimeout", "\(view.wasOpenHandshakeTimeout)",
        "The opening handshake took too long."
      ),
      (
        "wasCloseHandshakeTimeout", "\(view.wasCloseHandshakeTimeout)",
        "No Close came in answer in time."
      ),
      (
        "localCloseCode", reason(view.localCloseCode, view.localCloseReason), "What the suite sent."
      ),
      (
        "remoteCloseCode", reason(view.remoteCloseCode, view.remoteCloseReason),
        "What the peer sent."
      ),
    ]
    let cells = rows.map { key, value, meaning in
      "<tr><td>\(key)</td><td>\(VisibleText.escaped(value))</td><td>\(meaning)</td></tr>"
    }
    return "<table class=\"close_flags\"><tr><th>Key</th><th>Value</th><th>Description</th></tr>"
      + "\(cells.joined())</table>"
  }

  /// A table of counts; the total counts octets where the keys are sizes.
  private static func counts(_ counts: [Int: Int], _ name: String, weighted: Bool) -> String {
    let lines = counts.sorted { $0.key < $1.key }.map { key, count in
      // Whoever wrote the file may have written what is no number of octets.
      let (octets, overflow) = key.multipliedReportingOverflow(by: count)
      return (key: key, count: count, octets: overflow ? .max : octets)
    }
    func row(_ key: String, _ count: Int, _ octets: Int) -> String {
      "<tr><td>\(key)</td><td>\(count)</td>" + (weighted ? "<td>\(octets)</td>" : "") + "</tr>"
    }
    let rows =
      lines.map { row("\($0.key)", $0.count, $0.octets) }.joined()
      + row("Total", lines.map(\.count).clampedSum, lines.map(\.octets).clampedSum)
    let head = "<th>\(name)</th><th>Count</th>" + (weighted ? "<th>Octets</th>" : "")
    return "<table class=\"stats\"><tr>\(head)</tr>\(rows)</table>"
  }

  private static func wireLog(_ result: CaseResult) -> String {
    guard !result.transcript.isEmpty else {
      return "<p>Kept for failing cases only.</p>"
    }
    let lines = result.transcript.map { entry in
      let sign =
        switch entry.direction {
        case .sent: "TX"
        case .received: "RX"
        case .noted: "--"
        }
      let milliseconds = NumberText.fixed(Double(entry.offsetNanoseconds) / 1e6, 3)
      let space = String(repeating: " ", count: max(0, 10 - milliseconds.count))
      return "\(space)\(milliseconds) ms  \(sign)  \(entry.notation)"
    }
    return "<pre id=\"wirelog\">\(VisibleText.escaped(lines.joined(separator: "\n")))</pre>"
  }

  // MARK: Both

  private static func document(title: String, body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><title>\(VisibleText.escaped(title))</title>
    <style>\(style)</style></head><body>
    \(body)
    </body></html>

    """
  }

  private static let style = """
    body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem;color:#222;background:#f4f4f4}
    h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:1.6rem}h3{font-size:1rem}
    table{border-collapse:collapse;background:#fff}td,th{border:1px solid #ccc;padding:.2rem .6rem;
    text-align:left}.category th{background:#333;color:#fff}td span{font-size:.8rem}
    td a{color:inherit;font-weight:600}.case_ok{background:#0a0;color:#fff}
    .case_non_strict{background:#9a0;color:#fff}.case_failed{background:#900;color:#fff}
    .case_info{background:#4095bf;color:#fff}.case_unimplemented{background:#800080;color:#fff}
    .case_missing{background:#999;color:#fff}.close{text-align:center}h1 span{padding:0 .4rem}
    pre{background:#fff;border:1px solid #ccc;padding:.6rem;overflow-x:auto}
    .events{font-family:monospace;overflow-wrap:anywhere}
    """
}
