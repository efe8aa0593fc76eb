import ArgumentParser
import CaseLanguage
import Conformance
import FoundationEssentials
import Glibc
import Reports
import Synchronization

/// What a run of cases leaves behind and comes to, whichever side is tested: lines as the results
/// come, the reports, the summary, the annotations, the exit code.
final class ConformOutput: Sendable {
  /// What is to be written, and where.
  let options: OutputOptions
  /// What the results are held against.
  let gate: GateOptions
  private let expectations: ExpectationFile?
  private let corpus: [CaseDescription]
  private let descriptions: [String: CaseDescription]
  private let lines: LineFile?
  private let started = ContinuousClock.now
  private let startedAt = Timestamp.now()
  private let writing = Mutex(())

  /// Reads what is expected, and makes sure that all can be written.
  ///
  /// - Parameters:
  ///   - options: What is to be written, and where.
  ///   - gate: What the results are held against.
  ///   - cases: The cases that are played.
  ///   - corpus: Those that could be, which patterns of expectations may name.
  /// - Throws: the exit code, when its reason has been said.
  init(
    _ options: OutputOptions, gate: GateOptions, cases: [Case], corpus: [Case]
  ) throws {
    self.options = options
    self.gate = gate
    self.corpus = corpus.map(CaseDescription.init)
    descriptions = Dictionary(
      cases.map { ($0.id, CaseDescription($0)) }, uniquingKeysWith: { first, _ in first })
    expectations = try gate.expectations()
    try gate.prepare()
    if let folder = options.out { try Self.prepare(folder, flag: "--out") }
    lines = try options.jsonl.map { path in
      guard let file = LineFile(path: path) else {
        throw couldNotRun("cannot write \(path): name a file that can be written with --jsonl")
      }
      return file
    }
    lines?.add(ResultLines.start(startedAt, caseCount: cases.count))
  }

  /// Makes a folder that can be written.
  static func prepare(_ folder: String, flag: String) throws {
    do {
      try ReportWriter.prepare(folder: folder)
    } catch {
      throw couldNotRun("\(error); name a folder that can be written with \(flag)")
    }
  }

  // MARK: While it runs

  /// Prints a line for people: on standard error where standard output is for lines of JSON.
  func say(_ line: String) { add(VisibleText.line(line) + "\n") }

  /// A peer is about to be tested, or has come by itself.
  func began(_ agent: String, url: String) { lines?.add(ResultLines.peer(agent, url: url)) }

  /// A case has ended.
  func ended(_ result: CaseResult, agent: String) {
    guard let lines, let description = descriptions[result.caseID] else { return }
    lines.add(ResultLines.result(result, of: description, agent: agent))
  }

  /// Something went wrong with a peer as a whole.
  func wentWrong(_ trouble: String, agent: String) {
    lines?.add(ResultLines.trouble(trouble, agent: agent))
  }

  /// Writes the reports as they are now; false, and a line, if they cannot be written.
  func writeInterim(_ results: ConformanceResults) -> Bool {
    do {
      _ = try write(judged(results, isComplete: false))
      return true
    } catch {
      printToStandardError("gauntlet: \(error); name a folder that can be written with --out")
      return false
    }
  }

  // MARK: The end

  /// Judges the results, and writes all that was asked for.
  func finish(_ results: ConformanceResults, isComplete: Bool) throws -> Run {
    var run = judged(results, isComplete: isComplete)
    if var conformance = run.conformance {
      try gate.write(&conformance, corpus: corpus)
      run.conformance = conformance
    }
    lines?.add(ResultLines.end(run))
    add(SummaryText.render(run, colored: isColored))
    do {
      for path in try write(run) where !keepsStandardOutput { say("report: \(path)") }
    } catch {
      throw couldNotRun("\(error); name a folder that can be written with --out")
    }
    if options.github { annotate(run) }
    return run
  }

  /// What the results come to.
  ///
  /// - Parameters:
  ///   - run: The run, judged.
  ///   - isComplete: Whether all was played that should have been.
  ///   - counts: Whether a result is one of this run.
  /// - Returns: The exit code.
  func exitCode(
    _ run: Run, isComplete: Bool,
    counting counts: (_ agent: String, _ result: CaseResult) -> Bool = { _, _ in true }
  ) -> ExitCode {
    guard let conformance = run.conformance else { return GauntletExit.couldNotRun }
    let levels = descriptions.mapValues(\.level)
    let broken = conformance.agents.flatMap { agent in
      agent.results.filter { result in
        counts(agent.name, result)
          && conformance.standing(of: result, level: levels[result.caseID] ?? .must) == .broken
      }
    }
    let isStale = conformance.gate?.staleExpectations.isEmpty == false
    if isStale || broken.contains(where: { $0.verdict.overall != .error || $0.unexpected != nil }) {
      return GauntletExit.requirementNotMet
    }
    if !isComplete || !broken.isEmpty { return GauntletExit.couldNotRun }
    let hasTroubles = conformance.agents.contains { $0.hasUnexplainedTrouble }
    return hasTroubles ? GauntletExit.requirementNotMet : GauntletExit.success
  }

  private func judged(_ results: ConformanceResults, isComplete: Bool) -> Run {
    var results = results
    results.gate = Gate(failOn: gate.failOn)
    expectations?.apply(to: &results, corpus: corpus)
    return Run(
      started: startedAt, elapsed: .now - started, isComplete: isComplete, conformance: results)
  }

  private func write(_ run: Run) throws -> [String] {
    guard let out = options.out else { return [] }
    return try writing.withLock { _ in try ReportWriter.write(run, toFolder: out) }
  }

  private func annotate(_ run: Run) {
    add(WorkflowAnnotations.text(for: run))
    guard let path = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty
    else {
      return
    }
    guard let file = LineFile(path: path, isAdded: true) else {
      return printToStandardError("gauntlet: cannot write the step summary to \(path)")
    }
    file.add(StepSummary.text(for: run))
  }

  // MARK: Where people read

  /// Whether standard output is for lines of JSON.
  private var keepsStandardOutput: Bool { options.jsonl == "-" }

  private var isColored: Bool {
    isatty(keepsStandardOutput ? STDERR_FILENO : STDOUT_FILENO) != 0
      && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
  }

  private func add(_ text: String) {
    if keepsStandardOutput {
      writeToStandardError(text)
    } else {
      writeToStandardOutput(text)
    }
  }
}
