import ArgumentParser
import Conformance
import Glibc
import Reports
import Synchronization
import Transport

/// A conformance run as the command line shows it: progress, summary, reports, exit code.
struct ConformRun {
  private let options: ConformanceOptions
  private let out: String?
  private let started = ContinuousClock.now
  private let startedAt = Timestamp.now()

  init(_ options: ConformanceOptions, out: String?) {
    self.options = options
    self.out = out
  }

  /// Plays the cases; returns the exit code.
  func play() async throws -> ExitCode {
    let client: ConformanceClient
    do {
      client = try ConformanceClient(options)
    } catch {
      throw couldNotRun("\(error)")
    }
    let signals = TerminationSignals()
    let interruption = Task {
      for await _ in signals.stream {
        client.cancel()
        return
      }
    }
    defer { interruption.cancel() }
    let progress = ConformProgress(total: options.cases.count)
    let outcome: ConformanceClient.Outcome
    do {
      outcome = try await client.run { progress.show($0) }
    } catch {
      progress.end()
      try write(results(client.outcome()))
      throw couldNotRun(Self.advice(error))
    }
    progress.end()
    let run = results(outcome)
    printToStandardOutput(SummaryText.render(run, colored: isatty(STDOUT_FILENO) != 0))
    if !outcome.hasOpened, !outcome.agent.results.isEmpty {
      printToStandardError(
        "gauntlet: no opening handshake was completed: is there a WebSocket server at this URL?")
    }
    try write(run)
    return exitCode(outcome)
  }

  private func exitCode(_ outcome: ConformanceClient.Outcome) -> ExitCode {
    let grades = outcome.agent.results.map(\.verdict.overall)
    if grades.contains(.fail) { return GauntletExit.requirementNotMet }
    if grades.contains(.error) || !outcome.isComplete { return GauntletExit.couldNotRun }
    return GauntletExit.success
  }

  private func results(_ outcome: ConformanceClient.Outcome) -> Run {
    Run(
      started: startedAt, elapsed: .now - started, isComplete: outcome.isComplete,
      conformance: ConformanceResults(
        role: .client, cases: options.cases.map(CaseDescription.init), agents: [outcome.agent]))
  }

  private func write(_ run: Run) throws {
    guard let out else { return }
    do {
      for path in try ReportWriter.write(run, toFolder: out) {
        printToStandardOutput("report: \(path)")
      }
    } catch {
      throw couldNotRun("\(error); name a folder that can be written with --out")
    }
  }

  /// The error, and what to do about it.
  private static func advice(_ error: TransportError) -> String {
    let advice: String? =
      switch error.kind {
      case .connectionRefused: "is the server running, and is this its port?"
      case .nameNotFound: "check the spelling of the host"
      case .timedOut, .unreachable: "check the address, or allow more with --connect-timeout"
      case .tlsUntrusted: "name its authority with --ca-file, or use --insecure"
      case .tlsWrongName, .tlsExpired: "use the name in its certificate, or --insecure"
      case .notTLS: "use ws:// for a server without TLS"
      case .noDescriptors: "raise the limit (ulimit -n), or lower --jobs"
      default: nil
      }
    return advice.map { "\(error); \($0)" } ?? "\(error)"
  }
}

/// How far a run has come: one line that is written over again on a terminal, a few lines elsewhere.
final class ConformProgress: Sendable {
  private struct State {
    var failures = 0
    var shown = ContinuousClock.now - .seconds(1)
    var nextQuarter = 1
    var hasLine = false
  }

  private let total: Int
  private let isTerminal = isatty(STDERR_FILENO) != 0
  private let state = Mutex(State())

  init(total: Int) {
    self.total = total
  }

  func show(_ progress: ConformanceClient.Progress) {
    switch progress {
    case .connected(let serverField, let failure):
      guard let failure else {
        if !isTerminal {
          let name = serverField.map { ": \(String(peerOctets: $0.utf8))" } ?? ""
          printToStandardError("connected\(name), playing \(total) cases")
        }
        return
      }
      printToStandardError("warning: the first opening handshake failed: \(failure)")
    case .finished(let result, let count, _):
      state.withLock { state in
        if !result.verdict.isMet { state.failures += 1 }
        let line = "\(count)/\(total) cases, \(state.failures) failed"
        if isTerminal {
          let now = ContinuousClock.now
          guard now - state.shown > .milliseconds(100) || count == total else { return }
          state.shown = now
          state.hasLine = true
          writeToStandardError("\r\u{1B}[K\(line)  \(result.caseID)")
        } else if count * 4 >= total * state.nextQuarter {
          state.nextQuarter = count * 4 / total + 1
          printToStandardError(line)
        }
      }
    }
  }

  /// Leaves the terminal's line clean.
  func end() {
    if state.withLock({ $0.hasLine }) { writeToStandardError("\r\u{1B}[K") }
  }
}
