import FoundationEssentials
import Testing

@testable import Reports

@Suite("A folder of runs")
struct HistoryFolderTests {
  private func fill(_ folder: String, count: Int = 3) throws {
    for day in 0..<count {
      let run = HistoryTests.dated(ComparedRuns.measured(time: 1), day: day)
      try ReportWriter.write(run, toFolder: "\(folder)/day-\(day)", formats: [.json, .html])
    }
  }

  @Test func `runs, repetitions and files are found, others are not`() throws {
    try TestFiles.withFolder { folder in
      try fill(folder)
      for number in 1...3 {
        try ReportWriter.write(
          ComparedRuns.measured(time: 1), toFolder: "\(folder)/repeated/run-\(number)",
          formats: .json)
      }
      try RunFile.write(ComparedRuns.measured(time: 1), to: "\(folder)/single.json")
      try ReportWriter.write("{\"any\": 1}", to: "\(folder)/other.json")
      try ReportWriter.write("text", to: "\(folder)/notes.txt")
      try Files.makeFolder("\(folder)/empty")
      let contents = try HistoryFolder(folder).read()
      #expect(
        Set(contents.entries.map(\.name)) == [
          "day-0", "day-1", "day-2", "repeated", "single.json",
        ])
      #expect(contents.entries.first { $0.name == "repeated" }?.runCount == 3)
      #expect(contents.problems.isEmpty)
    }
  }

  @Test func `a broken run is told and left out; no run at all is an error`() throws {
    try TestFiles.withFolder { folder in
      #expect(throws: RunFileError.noRuns(path: folder)) { try HistoryFolder(folder).read() }
      try fill(folder, count: 1)
      try ReportWriter.write("{\"schemaVersion\": 1, ", to: "\(folder)/cut.json")
      try ReportWriter.write("{\"schemaVersion\": 9}", to: "\(folder)/new.json")
      let contents = try HistoryFolder(folder).read()
      #expect(contents.entries.count == 1)
      #expect(contents.problems.count == 2)
      #expect(contents.problems.contains { $0.contains("cut.json: not a whole JSON document") })
      #expect(contents.problems.contains { $0.contains("new.json: written with schema version 9") })
      #expect(throws: RunFileError.self) { try HistoryFolder("\(folder)/none").read() }
    }
  }

  @Test func `parts of a run are told and left out`() throws {
    try TestFiles.withFolder { folder in
      try fill(folder, count: 1)
      for number in 1...2 {
        let part = ComparedRuns.measured(time: 1) { $0.shard = LoadPart(number: number, of: 2) }
        try RunFile.write(part, to: "\(folder)/part-\(number).json")
      }
      let contents = try HistoryFolder(folder).read()
      #expect(contents.entries.map(\.name) == ["day-0"])
      #expect(contents.problems.count == 2)
      #expect(contents.problems.allSatisfy { $0.contains(": a part of a run, and no run: ") })
    }
  }

  @Test func `old runs expire by number, by age, or by both`() throws {
    let entries = HistoryTests.entries((0..<5).map { _ in ComparedRuns.measured(time: 1) })
    func names(_ keptCount: Int, _ limit: Int?) -> [String] {
      HistoryFolder.expired(
        entries, keeping: keptCount, olderThan: limit.map { entries[$0].started }
      ).map(\.name)
    }
    #expect(names(2, nil) == ["run-0", "run-1", "run-2"])
    #expect(names(1, 2) == ["run-0", "run-1"])
    #expect(names(4, 3) == ["run-0"])
    #expect(names(9, nil) == [])
  }

  @Test func `only what gauntlet wrote is removed`() throws {
    try TestFiles.withFolder { folder in
      try fill(folder)
      try ReportWriter.write("mine", to: "\(folder)/day-1/notes.txt")
      let entries = try HistoryFolder(folder).read().entries
      #expect(try HistoryFolder.remove(entries[0]) == false)
      #expect(try HistoryFolder.remove(entries[1]) == true)
      #expect(try Files.list(folder) == ["day-1", "day-2"])
      #expect(try Files.list("\(folder)/day-1") == ["notes.txt"])
    }
  }

  @Test func `a site has a page for each run and no link that leads nowhere`() throws {
    try TestFiles.withFolder { folder in
      try fill(folder + "/runs")
      try RunFile.write(ComparedRuns.measured(time: 1), to: "\(folder)/runs/day.0.json")
      try RunFile.write(ComparedRuns.measured(time: 1), to: "\(folder)/runs/day:0.json")
      let history = History(try HistoryFolder(folder + "/runs").read().entries)
      let index = try HistorySite.write(history, toFolder: folder + "/site")
      let page = String(decoding: try Files.read(index), as: UTF8.self)
      let links = page.split(separator: "<a href=\"runs/").dropFirst().map {
        $0.prefix { $0 != "\"" }
      }
      #expect(Set(links).count == 5)
      for link in links { #expect(Files.exists("\(folder)/site/runs/\(link)"), "\(link)") }
      #expect(Files.exists("\(folder)/site/history.csv"))
      #expect(Files.exists("\(folder)/site/.nojekyll"))
    }
  }
}
