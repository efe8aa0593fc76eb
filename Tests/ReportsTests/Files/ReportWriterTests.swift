import FoundationEssentials
import Testing

@testable import Reports

@Suite("Writing reports")
struct ReportWriterTests {
  @Test func `every format is written and nothing else`() throws {
    try TestFiles.withFolder { folder in
      let paths = try ReportWriter.write(SampleRun.run, toFolder: "\(folder)/a/b/")
      #expect(
        paths.map { $0.dropFirst(folder.count) } == [
          "/a/b/run.json", "/a/b/index.html", "/a/b/junit.xml", "/a/b/summary.md",
          "/a/b/results.sarif", "/a/b/results.tap", "/a/b/ctrf.json", "/a/b/results.jsonl",
          "/a/b/intervals.csv", "/a/b/latency.hlog", "/a/b/bmf.json", "/a/b/metrics.om",
          "/a/b/autobahn/index.json", "/a/b/autobahn/index.html",
        ])
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/a/b")
      #expect(
        names.sorted() == [
          "autobahn", "bmf.json", "ctrf.json", "index.html", "intervals.csv", "junit.xml",
          "latency.hlog", "metrics.om", "results.jsonl", "results.sarif", "results.tap", "run.json",
          "summary.md",
        ])
      #expect(try RunFile.read("\(folder)/a/b") == SampleRun.run)
    }
  }

  @Test func `a link leads to its file, and what is no file is written to as it is`() throws {
    try TestFiles.withFolder { folder in
      try ReportWriter.write("old", to: "\(folder)/file")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "file")
      try ReportWriter.write("new", to: "\(folder)/link")
      let written = try #require(FileManager.default.contents(atPath: "\(folder)/file"))
      #expect(Array(written) == Array("new".utf8))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/link") == "file")
      let error = #expect(throws: FileError.self) { try ReportWriter.write("x", to: "/dev/full") }
      #expect(error?.description == "cannot write /dev/full: no space left on the device")
    }
  }

  @Test func `whether a file can be written is known before, and changes nothing`() throws {
    try TestFiles.withFolder { folder in
      try ReportWriter.write("old", to: "\(folder)/file")
      try ReportWriter.prepare(file: "\(folder)/file")
      try ReportWriter.prepare(file: "\(folder)/none")
      try ReportWriter.prepare(file: "/dev/null")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
      #expect(FileManager.default.contents(atPath: "\(folder)/file")?.count == 3)
      #expect(throws: FileError.self) { try ReportWriter.prepare(file: folder) }
      #expect(throws: FileError.self) { try ReportWriter.prepare(file: "\(folder)/none/file") }
    }
  }

  @Test func `writing again replaces what was there`() throws {
    try TestFiles.withFolder { folder in
      var run = SampleRun.run
      run.isComplete = false
      try ReportWriter.write(run, toFolder: folder, formats: .json)
      try ReportWriter.write(SampleRun.run, toFolder: folder, formats: .json)
      #expect(try RunFile.read(folder).isComplete)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [RunFile.name])
    }
  }

  @Test func `a folder that cannot be made is named`() throws {
    try TestFiles.withFolder { folder in
      try Data().write(to: URL(filePath: "\(folder)/file"))
      let error = #expect(throws: FileError.self) {
        try ReportWriter.prepare(folder: "\(folder)/file/reports")
      }
      #expect(error?.path == "\(folder)/file/reports")
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test func `a place where nobody may write is an error`() throws {
    let error = #expect(throws: FileError.self) {
      try ReportWriter.prepare(folder: "/proc/reports")
    }
    #expect(error?.description.hasPrefix("cannot ") == true)
  }

  @Test func `a missing run is named`() {
    let error = #expect(throws: RunFileError.self) { try RunFile.read("/nowhere/run.json") }
    #expect(error?.description == "cannot read /nowhere/run.json: no such file or folder")
  }
}
