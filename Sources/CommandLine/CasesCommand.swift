import ArgumentParser
import CaseLanguage
import CaseLibrary
import FoundationEssentials

/// `gauntlet cases`: a look at the corpus.
struct CasesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases",
    abstract: "Lists, shows and checks conformance cases.",
    subcommands: [CasesListCommand.self, CasesShowCommand.self, CasesCheckCommand.self])
}

/// `gauntlet cases list`: one line for each case.
struct CasesListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists cases: alias, id, level, title.")

  @Flag(help: "Print JSON, with everything but the scripts.")
  var json = false

  @Option(
    name: [.customLong("cases-dir"), .customLong("case-dir")],
    help: ArgumentHelp(
      "Add the cases of a folder or .case file; those with a known id replace ours.",
      valueName: "dir"))
  var directories: [String] = []

  @Option(help: ArgumentHelp("Leave out what matches.", valueName: "glob"))
  var exclude: [String] = []

  @Argument(
    help: ArgumentHelp("Ids, aliases or numbers: 5.5/*, autobahn:2.*, 7.1.*", valueName: "glob"))
  var patterns: [String] = []

  func run() throws {
    let cases = try CaseSources(arguments: patterns, directories: directories, exclude: exclude)
      .selected()
    if json { return try printJSON(cases) }
    let rows = cases.map { item in
      [
        item.aliases.map(\.description).joined(separator: " "), item.id, item.level.rawValue,
        item.title,
      ]
    }
    var widths = [0, 0, 0]
    for row in rows {
      for column in widths.indices { widths[column] = max(widths[column], row[column].count) }
    }
    for row in rows {
      var line = ""
      for column in widths.indices where widths[column] > 0 {
        let padding = widths[column] + 2 - row[column].count
        line += row[column] + String(repeating: " ", count: padding)
      }
      printToStandardOutput(line + row[3])
    }
  }

  private func printJSON(_ cases: [Case]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(cases.map(CaseSummary.init))
    writeToStandardOutput(String(decoding: data, as: UTF8.self) + "\n")
  }
}

/// `gauntlet cases show`: cases as a case file would have them, expanded.
struct CasesShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows cases in the case language, expanded.")

  @Option(
    name: [.customLong("cases-dir"), .customLong("case-dir")],
    help: ArgumentHelp("Add the cases of a folder or .case file.", valueName: "dir"))
  var directories: [String] = []

  @Argument(help: ArgumentHelp("Ids or aliases; patterns too.", valueName: "id"))
  var patterns: [String]

  func run() throws {
    let cases = try CaseSources(arguments: patterns, directories: directories).selected()
    for (index, item) in cases.enumerated() {
      let text = CasePrinter.print(item)
      writeToStandardOutput((index > 0 ? "\n" : "") + text)
    }
  }
}

/// `gauntlet cases check`: whether case files have mistakes.
struct CasesCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Checks case files: path:line:column: error: what was expected.")

  @Argument(help: ArgumentHelp("Case files, and folders of them.", valueName: "path"))
  var paths: [String]

  func run() throws {
    var count = 0
    var mistakes: [String] = []
    var files: [String] = []
    for path in paths {
      do {
        files += try CaseLibrary.caseFiles(at: path)
      } catch {
        mistakes.append(error.description)
      }
    }
    // File by file first, so that each one's first mistake is told; then together.
    var good: [String] = []
    for file in files {
      do {
        count += try CaseLibrary.load(path: file).count
        good.append(file)
      } catch {
        mistakes.append(error.description)
      }
    }
    if mistakes.isEmpty {
      do {
        _ = try CaseLibrary.load(paths: good)
      } catch {
        mistakes.append(error.description)
      }
    }
    for mistake in mistakes { printToStandardError(mistake) }
    guard mistakes.isEmpty else { throw GauntletExit.wrongUse }
    printToStandardOutput(
      "\(files.count) file\(files.count == 1 ? "" : "s"), \(count) cases: no mistakes")
  }
}

/// What `gauntlet cases list --json` tells of a case.
struct CaseSummary: Encodable {
  var id: String
  var aliases: [String]
  var citation: String
  var level: String
  var title: String
  var requirement: String
  var tags: [String]
  var peers: [String]
  var needsCompression: Bool

  init(_ item: Case) {
    id = item.id
    aliases = item.aliases.map(\.description)
    citation = item.citation.description
    level = item.level.rawValue
    title = item.title
    requirement = item.why
    tags = item.tags
    peers = []
    if item.peers.contains(.server) { peers.append("server") }
    if item.peers.contains(.client) { peers.append("client") }
    needsCompression = item.compression != nil
  }
}
