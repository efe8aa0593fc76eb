/// One self-contained page for one or several runs.
///
/// Everything that was ever text from a peer, a user or a file goes through ``VisibleText`` or
/// ``JSONText``; the script puts data into the page as text only, never as markup.
enum HTMLPage {
  static func text(for runs: [Run]) -> String {
    let content = PageContent(runs)
    let title = VisibleText.escaped(content.title)
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="color-scheme" content="light dark">
      <title>\(title) – Gauntlet</title>
      <style>\(PageStyle.text)</style>
      </head>
      <body>
      \(glyphs)
      <a class="skip" href="#main">Skip to the results</a>
      <header class="top"><div class="wrap">
      <p class="brand">Gauntlet<span>WebSocket endpoints, put to the test</span></p>
      <button type="button" id="theme" hidden>Theme: system</button>
      </div></header>
      <main id="main" class="wrap">
      \(SummarySection.text(content))
      \(ConformanceSection.text(content))
      \(CapacitySection.text(content))\(LoadSection.text(content))
      \(RunsSection.text(content))
      </main>
      <script type="application/json" id="data">\(PageData.json(content).text(indent: nil))</script>
      <script>\(PageScript.text)</script>
      </body>
      </html>

      """
  }

  /// Nothing may be loaded from anywhere; only what stands in the page runs.
  private static let policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    + "base-uri 'none'; form-action 'none'"

  /// One shape for each grade, so that colour is never the only sign.
  private static var glyphs: String {
    let shapes: [(Grade, String)] = [
      (.pass, "M3.5 8.6l3 3 6-7"),
      (.acceptable, "M2.8 9.4c1.6-3 3.4-3 5.2-1.4s3.6 1.6 5.2-1.4"),
      (.fail, "M4 4l8 8M12 4l-8 8"),
      (.unsupported, "M3.5 8h9"),
      (.informational, "M8 7.2v5M8 3.8v.4"),
      (.error, "M8 3.2v6M8 12.2v.4"),
    ]
    let symbols = shapes.map { grade, path in
      "<symbol id=\"g-\(grade.rawValue)\" viewBox=\"0 0 16 16\"><path d=\"\(path)\"/></symbol>"
    }
    return "<svg class=\"defs\" aria-hidden=\"true\">\(symbols.joined())</svg>"
  }

  /// The sign of a grade with its name.
  static func badge(_ grade: Grade, label: String? = nil) -> String {
    "<span class=\"badge \(grade.rawValue)\"><svg class=\"g\" aria-hidden=\"true\">"
      + "<use href=\"#g-\(grade.rawValue)\"/></svg>\(label ?? grade.rawValue)</span>"
  }

  /// A bar of the grades' shares, with the counts as its text for those who do not see it.
  static func bar(_ counts: [Grade: Int]) -> String {
    let total = counts.values.reduce(0, +)
    guard total > 0 else { return "" }
    var parts = ""
    var words: [String] = []
    for grade in Grade.allCases {
      guard let count = counts[grade], count > 0 else { continue }
      parts += "<i class=\"\(grade.rawValue)\" style=\"flex-grow:\(count)\"></i>"
      words.append("\(count) \(grade.rawValue)")
    }
    return "<span class=\"bar\" role=\"img\" aria-label=\"\(words.joined(separator: ", "))\">"
      + "\(parts)</span>"
  }
}
