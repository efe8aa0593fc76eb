import FoundationEssentials
import Testing

@testable import Reports

/// Holds the program to its promise that runs stay readable.
///
/// `Fixtures/runs` has a run for each state that the model was in; files are added to it, never
/// changed. The first has what every run has, later ones also what was added until then.
@Suite("Runs of earlier versions")
struct OldRunTests {
  static let names = ["schema-1-first.json", "schema-1-2026-11.json"]

  @Test(arguments: names)
  func `an old run is read, nothing of it is lost, and every report is rendered`(
    name: String
  ) throws {
    let path = TestFiles.path("../Fixtures/runs/\(name)")
    let run = try RunFile.read(path)
    let (before, after) = (
      try JSONDecoder().decode(Members.self, from: Data(try Files.read(path))),
      try JSONDecoder().decode(Members.self, from: Data(try RunFile.encode(run)))
    )
    #expect(before.paths == after.paths)
    #expect(run.schemaVersion == 1 && run.conformance?.agents.first?.results.count == 6)
    try TestFiles.withFolder { folder in
      try ReportWriter.write(run, toFolder: folder)
      for name in ReportWriter.fileNames.subtracting(ReportWriter.fileNamesBesideRuns) {
        #expect(Files.exists("\(folder)/\(name)"), "\(name)")
      }
    }
    let entry = HistoryEntry(name: name, path: path, runs: [run], metrics: [.rate])
    #expect(History([entry].compactMap { $0 }).scenarios.count == 1)
  }

  @Test func `old and new runs can be compared`() throws {
    let runs = try Self.names.map { try RunFile.read(TestFiles.path("../Fixtures/runs/\($0)")) }
    let comparison = try RunComparison(base: [runs[0]], head: [runs[1]])
    #expect(comparison.conformance?.agents.first?.sharedCount == 6)
  }

  @Test func `every sample is tested`() throws {
    #expect(Set(try Files.list(TestFiles.path("../Fixtures/runs"))) == Set(Self.names))
  }
}

/// The places and values of a JSON document.
private struct Members: Decodable {
  private(set) var paths: Set<String> = []

  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: Name.self) {
      for key in container.allKeys {
        add(try container.decode(Members.self, forKey: key), below: key.stringValue)
      }
    } else if var container = try? decoder.unkeyedContainer() {
      var index = 0
      while !container.isAtEnd {
        add(try container.decode(Members.self), below: "\(index)")
        index += 1
      }
    } else {
      let container = try decoder.singleValueContainer()
      let value =
        (try? container.decode(Bool.self)).map { "\($0)" }
        ?? (try? container.decode(Double.self)).map { "\($0)" }
        ?? (try? container.decode(String.self))
      paths = [value ?? "null"]
    }
  }

  private mutating func add(_ members: Members, below name: String) {
    paths.formUnion(members.paths.map { "\(name).\($0)" })
  }

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
