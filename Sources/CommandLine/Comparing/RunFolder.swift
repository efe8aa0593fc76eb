import ArgumentParser
import FoundationEssentials
import Reports

/// A folder of repeated runs, each in a folder of its own: `run-1`, `run-2` and so on.
struct RunFolder {
  /// Its path.
  let path: String

  /// Makes the folder; runs that are there already would be taken for repetitions of ours.
  init(_ path: String) throws {
    self.path = path
    try orCouldNotRun { try ReportWriter.prepare(folder: path) }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let earlier = names.filter { $0.hasPrefix("run-") || $0 == RunFile.name }.sorted()
    if let name = earlier.first {
      throw wrongUse("\(path) holds a run already (\(name)): name another folder with --out")
    }
  }

  /// Where the run of this number goes, from 1.
  func place(of number: Int) -> String { "\(path)/run-\(number)" }
}
