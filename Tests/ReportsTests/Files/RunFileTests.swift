import FoundationEssentials
import Testing

@testable import Reports

@Suite("run.json")
struct RunFileTests {
  @Test func `a run reads back as it was written`() throws {
    let octets = try RunFile.encode(SampleRun.run)
    #expect(try RunFile.decode(octets, path: "x") == SampleRun.run)
    #expect(try RunFile.encode(RunFile.decode(octets, path: "x")) == octets)
  }

  @Test(arguments: HostileText.all)
  func `hostile text survives unchanged`(text: String) throws {
    let run = SampleRun.run(peerText: text)
    #expect(try RunFile.decode(RunFile.encode(run), path: "x") == run)
  }

  @Test func `the document is stable`() throws {
    try TestFiles.expectGolden(
      String(decoding: RunFile.encode(SampleRun.run), as: UTF8.self), "run.json")
  }

  @Test func `a kept document stays readable`() throws {
    let run = try RunFile.decode(TestFiles.octets("Golden/run.json"), path: "run.json")
    #expect(run == SampleRun.run)
  }

  @Test func `a document that was cut off is named as such`() throws {
    let octets = try RunFile.encode(SampleRun.run)
    for count in stride(from: 0, to: octets.count - 2, by: 997) {
      #expect(throws: RunFileError.notJSON(path: "cut.json", byteCount: count)) {
        try RunFile.decode(Array(octets[..<count]), path: "cut.json")
      }
    }
  }

  @Test func `a later schema is named with both versions`() throws {
    var run = SampleRun.run
    run.schemaVersion = 2
    let octets = try RunFile.encode(run)
    let error = RunFileError.newerSchema(path: "new.json", found: 2, supported: 1)
    #expect(throws: error) { try RunFile.decode(octets, path: "new.json") }
    #expect("\(error)".contains("schema version 2, this program knows up to 1"))
  }

  @Test(arguments: [
    (#"{"a":1}"#, RunFileError.notARun(path: "x")), ("[1]", .notARun(path: "x")),
    (#"{"schemaVersion":1}"#, .invalid(path: "x", field: "tool", problem: "is missing")),
    (
      #"{"schemaVersion":0}"#,
      .invalid(path: "x", field: "schemaVersion", problem: "there is no version 0")
    ),
    ("\u{0}", .notJSON(path: "x", byteCount: 1)),
  ])
  func `other documents are refused in one line`(document: String, error: RunFileError) {
    #expect(throws: error) { try RunFile.decode(Array(document.utf8), path: "x") }
    #expect(!"\(error)".contains("\n"))
  }

  @Test func `a wrong field is named by its path`() throws {
    let text = String(decoding: try RunFile.encode(SampleRun.run), as: UTF8.self)
      .replacing(#""behaviour" : "acceptable""#, with: #""behaviour" : "odd""#)
    let error = #expect(throws: RunFileError.self) {
      try RunFile.decode(Array(text.utf8), path: "x")
    }
    #expect("\(try #require(error))".contains("conformance.agents[0].results[2].verdict.behaviour"))
  }

  @Test func `deep nesting is an error and no crash`() {
    let octets = [UInt8](repeating: 0x5B, count: 200_000)
    #expect(throws: RunFileError.self) { try RunFile.decode(octets, path: "x") }
  }

  @Test func `a folder of runs is read in the order of their numbers`() throws {
    try TestFiles.withFolder { folder in
      for (name, title) in [("run-10", "c"), ("run-2", "b"), ("run-1", "a")] {
        var run = SampleRun.run
        run.title = title
        try ReportWriter.write(run, toFolder: "\(folder)/\(name)", formats: .json)
      }
      try RunFile.write(SampleRun.run, to: "\(folder)/another.json")
      try ReportWriter.write("no run", to: "\(folder)/index.html")
      try ReportWriter.prepare(folder: "\(folder)/peers")
      #expect(try RunFile.readAll(folder).map(\.title) == ["a", "b", "c", nil])
      #expect(try RunFile.readAll("\(folder)/run-2/").map(\.title) == ["b"])
      #expect(try RunFile.readAll("\(folder)/run-2/run.json").map(\.title) == ["b"])
    }
  }

  @Test func `a folder without runs is named, and so is what is broken in one`() throws {
    try TestFiles.withFolder { folder in
      #expect(throws: RunFileError.noRuns(path: folder)) { try RunFile.readAll(folder) }
      try ReportWriter.prepare(folder: "\(folder)/run-1")
      try ReportWriter.write("{", to: "\(folder)/run-1/run.json")
      let error = RunFileError.notJSON(path: "\(folder)/run-1/run.json", byteCount: 1)
      #expect(throws: error) { try RunFile.readAll(folder) }
      #expect(throws: RunFileError.self) { try RunFile.readAll("\(folder)/none") }
    }
  }

  @Test func `halves of surrogate pairs are read as what cannot be told`() throws {
    var run = SampleRun.run
    run.title = "MARK"
    let text = String(decoding: try RunFile.encode(run), as: UTF8.self)
    func title(_ escapes: String) throws -> String? {
      try RunFile.decode(Array(text.replacing("MARK", with: escapes).utf8), path: "x").title
    }
    #expect(try title(#"a\ud800b"#) == "a\u{FFFD}b")
    #expect(try title(#"\uDC00\ud83d\ude00\\ud800"#) == "\u{FFFD}😀\\ud800")
    #expect(LoneSurrogates.replaced(in: Array(text.utf8)) == nil)
    #expect(LoneSurrogates.replaced(in: Array(#"\ud83d\ude00 \u12"#.utf8)) == nil)
  }
}
