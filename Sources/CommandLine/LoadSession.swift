import ArgumentParser
import LoadTesting
import Reports
import Synchronization

/// Load runs one after the other, as the command line shows them: progress, and what signals do.
final class LoadSession: Sendable {
  private struct State {
    var runner: LoadRunner?
    var display: LoadDisplay?
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
    TerminationSignals.eachEnding { [self] count in
      guard count == 1 else {
        state.withLock { $0.ending }?()
        LoadTerminal.endAtOnce()
      }
      let (runner, display) = state.withLock { state in
        state.isInterrupted = true
        return (state.runner, state.display)
      }
      let words = "gauntlet: ending the run; once more ends at once"
      if let display { display.say(words) } else { printToStandardError(words) }
      runner?.stop()
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
    let (run, outcomes) = try await play(LoadTest(plan), title: plan.agent)
    return (run, outcomes[0])
  }

  /// Plays a test.
  ///
  /// - Returns: The run without objectives, and what came of each group.
  func play(
    _ test: LoadTest, title: String?,
    watching watch: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws -> (run: Run, outcomes: [LoadOutcome]) {
    do {
      return try await perform(test, title: title, watching: watch)
    } catch LoadError.wrongPlan(let text) {
      throw ValidationError(text)
    } catch LoadError.cannotRun(let text) {
      throw couldNotRun(text)
    }
  }

  /// Plays a test, and throws a ``LoadError`` for whom it is no end of the program.
  func perform(
    _ test: LoadTest, title: String? = nil,
    watching watch: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws -> (run: Run, outcomes: [LoadOutcome]) {
    let runner = try LoadRunner(test)
    let isInterrupted = state.withLock { state in
      state.runner = runner
      return state.isInterrupted
    }
    if isInterrupted { runner.stop() }
    if let startAt = test.startAt, startAt.nanosecondsFromNow < 0 {
      throw couldNotRun("--start-at \(startAt) is over: it is \(Timestamp.now())")
    }
    var run = Run(title: title)
    let display = isQuiet ? nil : LoadDisplay(isTerminal: isTerminal)
    state.withLock { $0.display = display }
    var outcomes: [LoadOutcome]
    defer {
      state.withLock { $0.display = nil }
      display?.end()
    }
    outcomes = try await runner.play { progress in
      display?.show(progress)
      watch(progress)
    }
    for index in outcomes.indices {
      outcomes[index].results.replay = ShellText.command(run.commandLine)
    }
    run.elapsed = outcomes.map(\.elapsed).max() ?? .zero
    run.isComplete = outcomes.allSatisfy { $0.ending == .completed }
    run.load = outcomes.map(\.results)
    run.conformance = outcomes.compactMap(\.conformance).first
    return (run, outcomes)
  }
}
