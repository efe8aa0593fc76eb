import FoundationEssentials
import Testing

@testable import Reports

/// A file may hold any number that fits its type, whoever wrote it.
@Suite("Numbers that no run has")
struct HostileNumbersTests {
  @Test(arguments: [JSONNumber.whole(.max), .whole(.min), .real(1e300)])
  func `every report is rendered whatever number a member has`(_ number: JSONNumber) throws {
    let document = try JSONDecoder().decode(
      Document.self, from: Data(RunFile.encode(SampleRun.run)))
    for path in document.numberPaths {
      try use(document.replacing { $0 == path ? number : nil })
    }
  }

  @Test(arguments: [Int.max, .min, -1])
  func `every report is rendered where all numbers are the same`(_ number: Int) throws {
    var run = SampleRun.run
    let series = run.load[0].series
    // More than a chart has points.
    run.load[0].series = (0..<3_000).map { series[$0 % series.count] }
    let document = try JSONDecoder().decode(Document.self, from: Data(RunFile.encode(run)))
    try use(document.replacing { $0 == ["schemaVersion"] ? nil : .whole(number) })
  }

  @Test func `runs of the first and of the last year are merged`() throws {
    let run = SampleRun.run
    for text in ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
      var other = run
      other.started = try #require(Timestamp(text))
      for runs in [[run, other], [other, run]] {
        _ = try TurnMerge(runs).run()
        let merge = RunMerge(runs.map { .init(path: "a", run: $0) })
        _ = (try merge.run(), merge.problems)
      }
    }
  }

  /// Renders, compares, merges and collects a run, if it is one.
  private func use(_ document: Document) throws {
    guard let run = try? RunFile.decode([UInt8](JSONEncoder().encode(document)), path: "run.json")
    else { return }
    try TestFiles.withFolder { folder in _ = try ReportWriter.write(run, toFolder: folder) }
    _ = SummaryText.render(run)
    var rules = ComparisonRules()
    rules.isForced = true
    rules.drawCount = 10
    rules.metrics += [.mean, .maximum, .errors(asShare: true)]
    if let comparison = try? RunComparison(base: [run], head: [run], rules: rules) {
      _ = ComparisonText.render(comparison)
      _ = ComparisonMarkdown.text(for: comparison)
      _ = ComparisonJSON.text(for: comparison)
    }
    let entry = HistoryEntry(name: "a", path: "a", runs: [run], metrics: rules.metrics)
    let history = History([entry, entry].compactMap { $0 })
    _ = HistoryText.render(history)
    _ = HistoryPage.text(for: history)
    _ = try? TurnMerge([run, run]).run()
    let merge = RunMerge([.init(path: "a", run: run), .init(path: "b", run: run)])
    _ = (try? merge.run(), merge.problems)
  }
}

/// A number as JSON has it.
enum JSONNumber: Hashable, CustomTestStringConvertible {
  case whole(Int)
  case real(Double)

  var testDescription: String {
    switch self {
    case .whole(let value): "\(value)"
    case .real(let value): "\(value)"
    }
  }
}

/// Any JSON document, whose numbers can be replaced.
private indirect enum Document: Codable {
  /// The names on the way to a member; those of all elements of an array are the same.
  typealias Path = [String]

  case object([String: Document])
  case array([Document])
  case number(JSONNumber)
  case other(String?, Bool?)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .other(nil, value)
    } else if let value = try? container.decode(Int.self) {
      self = .number(.whole(value))
    } else if let value = try? container.decode(Double.self) {
      self = .number(.real(value))
    } else if let value = try? container.decode(String.self) {
      self = .other(value, nil)
    } else if let value = try? container.decode([Document].self) {
      self = .array(value)
    } else if let value = try? container.decode([String: Document].self) {
      self = .object(value)
    } else {
      self = .other(nil, nil)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .object(let members): try container.encode(members)
    case .array(let elements): try container.encode(elements)
    case .number(.whole(let value)): try container.encode(value)
    case .number(.real(let value)): try container.encode(value)
    case .other(let text?, _): try container.encode(text)
    case .other(nil, let value?): try container.encode(value)
    case .other(nil, nil): try container.encodeNil()
    }
  }

  /// Where there are numbers.
  var numberPaths: Set<Path> {
    var paths: Set<Path> = []
    _ = replacing { path in
      paths.insert(path)
      return nil
    }
    return paths
  }

  /// The document with other numbers, where `change` gives some.
  func replacing(below path: Path = [], _ change: (Path) -> JSONNumber?) -> Document {
    switch self {
    case .object(let members):
      .object(
        Dictionary(
          uniqueKeysWithValues: members.map { ($0, $1.replacing(below: path + [$0], change)) }))
    case .array(let elements):
      .array(elements.map { $0.replacing(below: path + ["[]"], change) })
    case .number(let number): .number(change(path) ?? number)
    case .other: self
    }
  }
}
