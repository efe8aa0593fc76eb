/// A history as a folder of files that any web server can serve: GitHub Pages, for one.
///
/// `index.html` has the trends, `runs/` a page for each run, `history.json` and `history.csv` the
/// numbers. Nothing in it needs a server or comes from elsewhere.
public enum HistorySite {
  /// Writes the site; the runs are read again from where their entries say that they are.
  ///
  /// - Returns: The path of the first page.
  /// - Throws: ``FileError`` or ``RunFileError``.
  public static func write(_ history: History, toFolder path: String) throws -> String {
    let folder = path.removingSuffix("/")
    try Files.makeFolder(folder + "/runs")
    // Without it GitHub takes the files for the sources of another site.
    try Files.writeAtomically([], to: folder + "/.nojekyll")
    var links: [String] = []
    for entry in history.entries {
      let link = freeLink(for: entry.name, among: links)
      let runs = try RunFile.readAll(entry.path)
      try ReportWriter.write(HTMLPage.text(for: runs), to: "\(folder)/\(link)")
      links.append(link)
    }
    let index = folder + "/index.html"
    try ReportWriter.write(HistoryPage.text(for: history, links: links), to: index)
    try ReportWriter.write(HistoryJSON.text(for: history), to: folder + "/history.json")
    try ReportWriter.write(HistoryCSV.text(for: history), to: folder + "/history.csv")
    return index
  }

  private static func freeLink(for name: String, among links: [String]) -> String {
    let stem = fileName(name)
    var link = "runs/\(stem).html"
    var number = 2
    while links.contains(link) {
      link = "runs/\(stem)-\(number).html"
      number += 1
    }
    return link
  }

  /// A name that is a file's on every system and needs no escape in a link.
  private static func fileName(_ name: String) -> String {
    let stem = name.removingSuffix(".json")
    let octets = stem.utf8.map { octet -> UInt8 in
      switch octet {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: octet
      default: 0x2D
      }
    }
    return octets.isEmpty ? "run" : String(decoding: octets.prefix(120), as: UTF8.self)
  }
}
