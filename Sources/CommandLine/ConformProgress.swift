import Conformance
import Glibc
import Reports
import Synchronization

/// How far a run has come: one line that is written over again on a terminal, a few lines elsewhere.
final class ConformProgress: Sendable {
  private struct State {
    var peer: String?
    var rounds = 0
    var count = 0
    var unmet = 0
    var running: [String] = []
    var begun = ContinuousClock.now
    var shown = ContinuousClock.now - .seconds(1)
    var nextQuarter = 1
    var hasLine = false
    var isOver = false
  }

  private let total: Int
  private let hasRounds: Bool
  private let isTerminal = isatty(STDERR_FILENO) != 0
  private let state = Mutex(State())

  init(total: Int, rounds: Int) {
    self.total = total
    hasRounds = rounds > 1
    guard isTerminal else { return }
    // The clock goes on also while nothing ends.
    Task { [weak self] in
      while let self, !self.state.withLock({ $0.isOver }) {
        self.redraw()
        try? await Task.sleep(for: .milliseconds(250))
      }
    }
  }

  /// A peer is about to be tested; it has a name if there are several.
  func begin(peer: String?) {
    state.withLock { state in
      clear(&state)
      let isOver = state.isOver
      state = State()
      (state.peer, state.isOver) = (peer, isOver)
    }
  }

  /// Shows what happened.
  func show(_ event: ConformanceClient.Progress) {
    switch event {
    case .connected(let serverField, let failure): connected(serverField, failure)
    case .began(let id): state.withLock { $0.running.append(id) }
    case .finished(let result, let count, let total):
      state.withLock { state in
        if let index = state.running.firstIndex(of: result.caseID) {
          state.running.remove(at: index)
        }
        if !result.verdict.isMet { state.unmet += 1 }
        if total == self.total { state.count = count }
        guard !isTerminal, count * 4 >= total * state.nextQuarter, total == self.total else {
          return
        }
        state.nextQuarter = count * 4 / total + 1
        printToStandardError(name(state) + Self.counts(count, total, state.unmet))
      }
      if isTerminal { redraw() }
    }
  }

  private func connected(_ serverField: String?, _ failure: String?) {
    if let failure {
      return note("warning: the first opening handshake failed: \(failure)")
    }
    state.withLock { state in
      state.running = []
      state.rounds += 1
      state.nextQuarter = 1
      guard !isTerminal, state.rounds == 1 || hasRounds else { return }
      let server = serverField.map { ": \($0)" } ?? ""
      printToStandardError(
        name(state) + "connected\(server), playing \(NumberText.counted(total, "case"))")
    }
  }

  /// Prints a line that stays.
  func note(_ text: String) {
    state.withLock { state in
      clear(&state)
      printToStandardError(text)
    }
  }

  /// Leaves the terminal's line clean.
  func end() {
    state.withLock { state in
      clear(&state)
      state.isOver = true
    }
  }

  // MARK: The line

  private func redraw() {
    state.withLock { state in
      let now = ContinuousClock.now
      guard !state.isOver, now - state.shown > .milliseconds(80) else { return }
      state.shown = now
      state.hasLine = true
      let line = Self.line(
        peer: state.peer, round: hasRounds ? state.rounds : nil, count: state.count, total: total,
        unmet: state.unmet, elapsed: now - state.begun, running: state.running,
        width: terminalWidth() ?? 80)
      writeToStandardError("\r\u{1B}[K\(line)")
    }
  }

  private func clear(_ state: inout State) {
    if state.hasLine { writeToStandardError("\r\u{1B}[K") }
    state.hasLine = false
  }

  private func name(_ state: State) -> String { state.peer.map { "\($0): " } ?? "" }

  /// What fits into one line, the most important first; never wider than the terminal.
  static func line(
    peer: String?, round: Int?, count: Int, total: Int, unmet: Int, elapsed: Duration,
    running: [String], width: Int
  ) -> String {
    let room = max(10, width - 1)
    let seconds = elapsed.components.seconds
    let clock = "\(seconds / 60):" + (seconds % 60 < 10 ? "0" : "") + "\(seconds % 60)"
    var line = peer.map { VisibleText.line($0).prefix(max(6, room / 4)) + "  " } ?? ""
    if room >= 60 {
      let filled = total > 0 ? min(20, 20 * count / total) : 0
      line += String(repeating: "━", count: filled) + String(repeating: "─", count: 20 - filled)
      line += "  "
    }
    line += counts(count, total, unmet) + "  " + clock
    if let round { line += "  round \(round)" }
    if let first = running.first {
      let rest = running.count > 1 ? " and \(running.count - 1) more" : ""
      let left = room - line.count - 2 - rest.count
      if left >= 12 {
        line += "  " + (first.count > left ? first.prefix(left - 1) + "…" : first) + rest
      }
    }
    return String(line.prefix(room))
  }

  private static func counts(_ count: Int, _ total: Int, _ unmet: Int) -> String {
    "\(count)/\(total) cases, \(unmet) failed"
  }
}
