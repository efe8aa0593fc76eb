public import ArgumentParser
import CaseLanguage
import Conformance
import FoundationEssentials
public import Reports

/// What a run stops at: the flags that every verb which plays cases shares.
struct GateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Hold the verdicts against this file: lines of pattern, verdict and reason. An unexpected \
      pass fails too, and so does a pattern that matches no case.
      """, valueName: "FILE"))
  var expect: String?

  @Option(
    help: ArgumentHelp(
      "Write such a file, which expects what came out now; known reasons are kept.",
      valueName: "FILE"))
  var writeExpect: String?

  @Option(
    help: ArgumentHelp(
      "Which failures count: those of a MUST, those of a SHOULD as well, or any.",
      valueName: "must|should|any"))
  var failOn = Gate.Strictness.any

  /// The expectations, if there are any.
  func expectations() throws -> ExpectationFile? {
    guard let expect else { return nil }
    guard let contents = FileManager.default.contents(atPath: expect) else {
      throw wrongUse("cannot read \(expect): name a file of expectations with --expect")
    }
    do {
      return try ExpectationFile(parsing: [UInt8](contents), path: expect)
    } catch {
      printToStandardError(error.description)
      throw GauntletExit.wrongUse
    }
  }

  /// Makes sure, before anything is played, that what is to be expected can be written.
  func prepare() throws {
    if let writeExpect { try orCouldNotRun { try ReportWriter.prepare(file: writeExpect) } }
  }

  /// Writes what is to be expected from now on, if that is wanted, and holds the results against it.
  func write(_ results: inout ConformanceResults, corpus: [CaseDescription]) throws {
    guard let writeExpect else { return }
    let text = ExpectationFile.text(for: results, corpus: corpus)
    do {
      try ReportWriter.write(text, to: writeExpect)
      printToStandardError("expectations: \(writeExpect)")
      try ExpectationFile(parsing: Array(text.utf8), path: writeExpect)
        .apply(to: &results, corpus: corpus)
    } catch {
      throw couldNotRun("\(error)")
    }
  }
}

extension Gate.Strictness: ExpressibleByArgument {}
