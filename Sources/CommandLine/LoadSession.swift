import ArgumentParser
import LoadTesting
import Reports
import Synchronization

/// Load runs one after the other, as the command line shows them: progress, and what signals do.
final class LoadSession: Sendable {
  private struct State {
    var runner: LoadRunner?
    var isInterrupted = false
    var ending: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())
  private let isQuiet: Bool
  private let isTerminal = LoadTerminal.isTerminal

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
  }

  /// Whether somebody wants it to end.
  var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

  /// From now on the first signal ends the run that plays, with its results, and the second the
  /// program.
  func watchSignals() -> Task<Void, Never> {
    TerminationSignals.each { [self] count in
      guard count == 1 else {
        state.withLock { $0.ending }?()
        LoadTerminal.endAtOnce()
      }
      printToStandardError("gauntlet: ending the run; once more ends at once")
      state.withLock { state in
        state.isInterrupted = true
        return state.runner
      }?.stop()
    }
  }

  /// What is to be done before the program ends at once, in place of what was to be done before.
  func beforeEnding(_ work: @escaping @Sendable () -> Void) {
    state.withLock { $0.ending = work }
  }

  /// Plays a plan.
  ///
  /// - Returns: The run without objectives, and what came of it.
  func play(_ plan: LoadPlan) async throws -> (run: Run, outcome: LoadOutcome) {
    let runner: LoadRunner
    do {
      runner = try LoadRunner(plan)
    } catch {
      guard case .wrongPlan(let text) = error else { throw couldNotRun(error.description) }
      throw ValidationError(text)
    }
    let isInterrupted = state.withLock { state in
      state.runner = runner
      return state.isInterrupted
    }
    if isInterrupted { runner.stop() }
    var run = Run(title: plan.agent)
    let display = isQuiet ? nil : LoadDisplay(isTerminal: isTerminal)
    var outcome: LoadOutcome
    do {
      outcome = try await runner.run { progress in display?.show(progress) }
    } catch {
      throw couldNotRun(error.description)
    }
    outcome.results.replay = CommandLine.arguments.joined(separator: " ")
    run.elapsed = outcome.elapsed
    run.isComplete = outcome.ending == .completed
    run.load = [outcome.results]
    run.conformance = outcome.conformance
    return (run, outcome)
  }
}
