/// What is rendered from a run.
public struct ReportFormats: OptionSet, Sendable {
  /// One bit for each format.
  public let rawValue: Int

  /// Creates a set from its bits.
  public init(rawValue: Int) {
    self.rawValue = rawValue
  }

  /// `run.json`: the run itself, from which the others can be rendered again.
  public static let json = ReportFormats(rawValue: 1)
  /// `index.html`: one page without any other file.
  public static let html = ReportFormats(rawValue: 2)
  /// `junit.xml`.
  public static let junit = ReportFormats(rawValue: 4)
  /// `summary.md`.
  public static let markdown = ReportFormats(rawValue: 8)
  /// `autobahn/index.json` and a file for each case, as the established suite writes them.
  public static let established = ReportFormats(rawValue: 16)
  /// `results.sarif`: SARIF 2.1.0, the failures for code scanning.
  public static let sarif = ReportFormats(rawValue: 32)
  /// `results.tap`: the Test Anything Protocol, version 14.
  public static let tap = ReportFormats(rawValue: 64)
  /// `ctrf.json`: the Common Test Report Format.
  public static let ctrf = ReportFormats(rawValue: 128)
  /// `results.jsonl`: JSON Lines, an object for each result.
  public static let lines = ReportFormats(rawValue: 256)
  /// `intervals.csv`: what happened in each interval of load runs.
  public static let intervals = ReportFormats(rawValue: 512)
  /// `latency.hlog`: the distributions of load runs, for HdrHistogram's tools.
  public static let histograms = ReportFormats(rawValue: 1024)
  /// `metrics.om`: OpenMetrics, for Prometheus.
  public static let openMetrics = ReportFormats(rawValue: 2048)
  /// `bmf.json`: Bencher Metric Format, of load runs.
  public static let bencher = ReportFormats(rawValue: 4096)
  /// Every format.
  public static let all: ReportFormats = [
    .json, .html, .junit, .markdown, .established, .sarif, .tap, .ctrf, .lines, .intervals,
    .histograms, .openMetrics, .bencher,
  ]
}

/// Writes what is rendered from runs into a folder.
public enum ReportWriter {
  /// The names of everything that is written into a run's folder, or beside the runs of a folder.
  static let fileNames: Set<String> = fileNamesBesideRuns.union([
    RunFile.name, "index.html", "junit.xml", "summary.md", "results.sarif", "results.tap",
    "ctrf.json", "results.jsonl", "autobahn", "intervals.csv", "latency.hlog", "metrics.om",
    "bmf.json",
  ])

  /// The names of what is written about several runs only.
  static let fileNamesBesideRuns: Set<String> = [
    "comparison.json", "comparison.md", "history.json",
  ]

  /// Makes the folder that a run will write to, so that a wrong path is said before the run.
  public static func prepare(folder: String) throws(FileError) {
    try Files.makeFolder(folder)
    let probe = path(in: folder, ".gauntlet-probe")
    try Files.writeAtomically([], to: probe)
    Files.remove(probe)
  }

  /// Makes sure that a file can be written.
  /// - Throws: `FileError` if it cannot; what it holds stays.
  public static func prepare(file path: String) throws(FileError) {
    try Files.checkWritable(path)
  }

  /// Writes a run's reports and returns the paths of the files that people open.
  ///
  /// The established suite's files are represented by their index. Each file is replaced as a
  /// whole, so this may be called at any time, also for a run that is not complete.
  @discardableResult
  public static func write(
    _ run: Run, toFolder folder: String, formats: ReportFormats = .all
  ) throws(FileError) -> [String] {
    try Files.makeFolder(folder)
    var paths: [String] = []
    if formats.contains(.json) {
      paths.append(path(in: folder, RunFile.name))
      try RunFile.write(run, to: path(in: folder, RunFile.name))
    }
    if formats.contains(.html) {
      paths.append(try write(HTMLPage.text(for: [run]), "index.html", in: folder))
    }
    if formats.contains(.junit) {
      paths.append(try write(JUnitReport.text(for: run), "junit.xml", in: folder))
    }
    if formats.contains(.markdown) {
      paths.append(try write(MarkdownSummary.text(for: run), "summary.md", in: folder))
    }
    if run.conformance != nil {
      for (format, name, text) in Self.exchangeFormats where formats.contains(format) {
        paths.append(try write(text(run), name, in: folder))
      }
    }
    if !run.load.isEmpty {
      for (format, name, text) in Self.measurementFormats where formats.contains(format) {
        paths.append(try write(text(run), name, in: folder))
      }
    }
    if formats.contains(.openMetrics), run.conformance != nil || !run.load.isEmpty {
      paths.append(try write(OpenMetricsReport.text(for: run), "metrics.om", in: folder))
    }
    if formats.contains(.established), let conformance = run.conformance {
      paths += try writeEstablished(conformance, toFolder: path(in: folder, "autobahn"))
    }
    return paths
  }

  /// Writes the established suite's own files: `index.json`, `index.html`, and for each case and
  /// agent a JSON file and a page; returns the paths of the two indexes.
  ///
  /// Nothing is written for results that have no number in that suite.
  @discardableResult
  public static func writeEstablished(
    _ results: ConformanceResults, toFolder folder: String
  ) throws(FileError) -> [String] {
    var indexes: [String] = []
    for files in [EstablishedReport.files(for: results), EstablishedPages.files(for: results)] {
      if !files.isEmpty { try Files.makeFolder(folder) }
      for file in files { try write(file.text, file.name, in: folder) }
      if let index = files.first { indexes.append(path(in: folder, index.name)) }
    }
    return indexes
  }

  /// The formats in which other programs take results in.
  private static let exchangeFormats: [(ReportFormats, String, @Sendable (Run) -> String)] = [
    (.sarif, "results.sarif", { SARIFReport.text(for: $0) }),
    (.tap, "results.tap", { TAPReport.text(for: $0) }),
    (.ctrf, "ctrf.json", { CTRFReport.text(for: $0) }),
    (.lines, "results.jsonl", { ResultLines.text(for: $0) }),
  ]

  /// The formats in which other programs take measurements in.
  private static let measurementFormats: [(ReportFormats, String, @Sendable (Run) -> String)] = [
    (.intervals, "intervals.csv", { IntervalTable.text(for: $0) }),
    (.histograms, "latency.hlog", { HistogramLog.text(for: $0) }),
    (.bencher, "bmf.json", { BencherReport.text(for: [$0]) }),
  ]

  /// Writes one page for several runs and returns its path; beside it `bmf.json`, if they measured
  /// something.
  @discardableResult
  public static func writePage(
    for runs: [Run], toFolder folder: String
  ) throws(FileError) -> String {
    try Files.makeFolder(folder)
    if runs.contains(where: { !$0.load.isEmpty }) {
      try write(BencherReport.text(for: runs), "bmf.json", in: folder)
    }
    return try write(HTMLPage.text(for: runs), "index.html", in: folder)
  }

  /// Writes a text as a file, so that no reader ever sees half of it.
  public static func write(_ text: String, to path: String) throws(FileError) {
    try Files.writeAtomically(Array(text.utf8), to: path)
  }

  @discardableResult
  private static func write(
    _ text: String, _ name: String, in folder: String
  ) throws(FileError) -> String {
    let path = path(in: folder, name)
    try write(text, to: path)
    return path
  }

  private static func path(in folder: String, _ name: String) -> String {
    folder.removingSuffix("/") + "/" + name
  }
}
