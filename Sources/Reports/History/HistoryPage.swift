/// A history as one page without any script: verdicts, trends, changes, all runs.
public enum HistoryPage {
  /// The page; `links` has for each entry where its own page is, if it has one.
  public static func text(for history: History, links: [String] = []) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
    style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
    <meta name="color-scheme" content="light dark">
    <title>History – Gauntlet</title>
    <style>\(PageStyle.text)</style>
    </head>
    <body>
    <a class="skip" href="#main">Skip to the results</a>
    <header class="top"><div class="wrap">
    <p class="brand">Gauntlet<span>WebSocket endpoints, put to the test</span></p>
    </div></header>
    <main id="main" class="wrap">
    <section class="hero"><h1>History</h1>
    <p class="sub">\(VisibleText.escaped(history.span))</p>
    <p class="\(history.isRegression ? "notice bad" : "calm")">\
    \(VisibleText.escaped(history.verdictInWords))</p></section>
    \(changes(history))
    \(verdicts(history))
    \(load(history))
    \(runs(history, links))
    </main>
    </body>
    </html>

    """
  }

  private static func changes(_ history: History) -> String {
    let measured = history.scenarios.flatMap { scenario in
      scenario.series.flatMap { series in
        series.changes.map { change in
          (
            change.firstEntry,
            row(
              history, from: change.lastEntry, to: change.firstEntry,
              what: "\(series.metric.name), \(scenario.name)",
              change: "\(change.sizeInWords(series.metric)) \(change.judgementInWords)",
              isBad: change.isWorse && change.stands, sureness: change.pValueInWords)
          )
        }
      }
    }
    let judged = history.verdictChanges.map { change in
      let parts = [
        change.broken.isEmpty ? "" : "\(change.broken.count) broken: \(some(change.broken))",
        change.mended.isEmpty ? "" : "\(change.mended.count) mended: \(some(change.mended))",
      ]
      return (
        change.firstEntry,
        row(
          history, from: change.lastEntry, to: change.firstEntry, what: change.agent,
          change: parts.filter { !$0.isEmpty }.joined(separator: "; "),
          isBad: change.standingCount > 0, sureness: "")
      )
    }
    let rows = (measured + judged).sorted { $0.0 > $1.0 }
    guard !rows.isEmpty else { return "" }
    return section(
      "changes", "Changes", heads: ["Since", "Commits", "What", "Change", ""],
      rows: rows.map(\.1))
  }

  private static func some(_ cases: [String]) -> String {
    cases.prefix(5).joined(separator: ", ") + (cases.count > 5 ? ", …" : "")
  }

  private static func row(
    _ history: History, from last: Int, to first: Int, what: String, change: String, isBad: Bool,
    sureness: String
  ) -> String {
    let commits = VisibleText.escaped(history.span(from: last, to: first))
    return "<tr><th scope=\"row\">\(history.entries[first].started.minute)</th>"
      + "<td class=\"words\"><code>\(commits)</code></td>"
      + "<td class=\"words\">\(VisibleText.escaped(what))</td>"
      + "<td class=\"words\"><span class=\"\(isBad ? "bad" : "")\">\(VisibleText.escaped(change))"
      + "</span></td><td class=\"words\">\(sureness)</td></tr>"
  }

  private static func verdicts(_ history: History) -> String {
    guard let figure = HistoryCharts(history: history).verdicts(id: "verdicts") else { return "" }
    return "<section id=\"conformance\"><h2>Conformance</h2>"
      + "<div class=\"charts one\">\(figure)</div></section>"
  }

  private static func load(_ history: History) -> String {
    guard !history.scenarios.isEmpty else { return "" }
    let charts = HistoryCharts(history: history)
    let articles = history.scenarios.enumerated().map { index, scenario in
      "<article class=\"scenario\" id=\"load\(index)\"><h3>\(VisibleText.escaped(scenario.name))</h3>"
        + "<p class=\"sub\">\(VisibleText.escaped(scenario.machine))</p><div class=\"charts\">"
        + "\(charts.figures(scenario, id: "load\(index)"))</div></article>"
    }
    return "<section id=\"load\"><h2>Load</h2>\(articles.joined())</section>"
  }

  private static func runs(_ history: History, _ links: [String]) -> String {
    let metrics = (history.mainScenario?.series ?? []).map(\.metric.name)
    let rows = history.entries.indices.reversed().map { index in
      let entry = history.entries[index]
      let name = VisibleText.escaped(entry.nameInWords)
      let link = links.indices.contains(index) ? links[index] : nil
      let cell = link.map { "<a href=\"\(VisibleText.escaped($0))\">\(name)</a>" } ?? name
      let commit = [entry.source?.shortCommit, entry.source?.branch].compactMap { $0 }
      return "<tr><th scope=\"row\">\(entry.started.minute)</th><td class=\"words\">\(cell)</td>"
        + "<td class=\"words\"><code>\(VisibleText.escaped(commit.joined(separator: " ")))</code></td>"
        + "<td class=\"words\">\(VisibleText.escaped(entry.verdictsInWords))</td>"
        + history.cells(ofEntry: index).map { "<td>\($0)</td>" }.joined() + "</tr>"
    }
    return section(
      "runs", "Runs", heads: ["Started", "Run", "Commit", "Verdicts"] + metrics, rows: rows)
  }

  private static func section(
    _ id: String, _ title: String, heads: [String], rows: [String]
  ) -> String {
    let cells = heads.enumerated().map { index, head in
      "<th scope=\"col\"\(index < 5 && head.first?.isUppercase == true ? " class=\"words\"" : "")>"
        + "\(head.isEmpty ? "<span class=\"vh\">How sure</span>" : head)</th>"
    }
    return """
      <section id="\(id)"><h2>\(title)</h2><div class="scroll" tabindex="0" role="region" \
      aria-label="\(title)"><table class="figures"><caption class="vh">\(title)</caption><thead><tr>\
      \(cells.joined())</tr></thead><tbody>\(rows.joined())</tbody></table></div></section>
      """
  }
}
