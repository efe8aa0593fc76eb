import FoundationEssentials

/// A folder of runs, which is all that a history needs.
///
/// In it lie folders with a `run.json`, folders of repetitions (`run-1` and so on) and `.json` files,
/// under any names; when a run was made stands in the run.
public struct HistoryFolder: Sendable {
  /// Its path.
  public let path: String

  /// What was found in a folder.
  public struct Contents: Sendable {
    /// The runs that can be read.
    public var entries: [HistoryEntry] = []
    /// Why others cannot, one line each.
    public var problems: [String] = []
  }

  /// Names a folder.
  public init(_ path: String) {
    self.path = path.removingSuffix("/")
  }

  /// Reads all runs, and keeps of each what a history needs.
  ///
  /// A run that cannot be read does not hide the others.
  ///
  /// - Throws: ``RunFileError`` when the folder cannot be read, or holds nothing that is a run.
  public func read(
    metrics: [LoadMetric] = HistoryRules.usualMetrics
  ) throws(RunFileError) -> Contents {
    var contents = Contents()
    let names: [String]
    do {
      names = try Files.list(path)
    } catch {
      throw .unreadable(error)
    }
    for name in names where !name.hasPrefix(".") {
      let place = path + "/" + name
      let isReport = name != RunFile.name && ReportWriter.fileNames.contains(name)
      guard Files.isFolder(place) || (name.hasSuffix(".json") && !isReport) else { continue }
      let runs: [Run]
      do throws(RunFileError) {
        runs = try RunFile.readAll(place)
      } catch {
        // A folder without runs, or JSON of something else, is none of ours.
        switch error {
        case .noRuns, .notARun: break
        default: contents.problems.append("\(error)")
        }
        continue
      }
      guard !runs.contains(where: \.isPart) else {
        contents.problems.append(
          "\(place): a part of a run, and no run: make one of all parts with 'gauntlet report merge'"
        )
        continue
      }
      let entry = HistoryEntry(name: name, path: place, runs: runs, metrics: metrics)
      if let entry { contents.entries.append(entry) }
    }
    guard !contents.entries.isEmpty || !contents.problems.isEmpty else {
      throw .noRuns(path: path)
    }
    return contents
  }

  /// What is to be removed of a history, the oldest first.
  ///
  /// So many of the latest stay in any case, and so does what is not older than the limit; without
  /// one, age does not matter.
  public static func expired(
    _ entries: [HistoryEntry], keeping keptCount: Int, olderThan limit: Timestamp? = nil
  ) -> [HistoryEntry] {
    let sorted = entries.sorted { ($0.started, $0.name) < ($1.started, $1.name) }
    let candidates = sorted.dropLast(keptCount)
    guard let limit else { return Array(candidates) }
    return candidates.filter { $0.started < limit }
  }

  /// Removes a run: what gauntlet writes, and its folder if nothing else is in it.
  ///
  /// - Returns: Whether something else is in it, which stays.
  /// - Throws: ``FileError``.
  public static func remove(_ entry: HistoryEntry) throws(FileError) -> Bool {
    try remove(entry.path)
  }

  private static func remove(_ path: String) throws(FileError) -> Bool {
    guard Files.isFolder(path) else {
      try Files.delete(path)
      return false
    }
    for name in try Files.list(path) {
      let place = path + "/" + name
      let isRun = Files.isFolder(place) && Files.exists(place + "/" + RunFile.name)
      if isRun {
        _ = try remove(place)
      } else if ReportWriter.fileNames.contains(name) {
        try Files.delete(place)
      }
    }
    guard try Files.list(path).isEmpty else { return true }
    try Files.delete(path)
    return false
  }
}
