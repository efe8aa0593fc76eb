internal import CLinux
internal import Glibc
internal import Synchronization

/// A shell command that runs beside us, in a process group of its own, its output in a file.
///
/// When the command's own process ends, by itself or because it is told to, whatever it has started
/// and left in its group is killed: nothing outlives it.
public final class ChildProcess: Sendable {
  /// How a process ended.
  public enum Ending: Hashable, Sendable, CustomStringConvertible {
    /// It ended by itself, with this code.
    case exited(Int32)
    /// A signal ended it.
    case killed(signal: Int32)

    /// A few words: `exited with code 1`, `killed by signal 11 (SIGSEGV)`.
    public var description: String {
      switch self {
      case .exited(let code): "exited with code \(code)"
      case .killed(let signal):
        "killed by signal \(signal)" + (ChildProcess.name(of: signal).map { " (\($0))" } ?? "")
      }
    }
  }

  private struct State {
    var ending: Ending?
    var next = 0
    var waiters: [Int: CheckedContinuation<Ending?, Never>] = [:]
  }

  /// The number of the command's process, which is that of its group too.
  public let identifier: Int32
  /// The file that standard output and standard error go to.
  public let outputPath: String
  private let state = Mutex(State())

  /// Starts `command` with `/bin/sh -c`.
  ///
  /// - Parameters:
  ///   - command: What a shell would run; its standard input is empty.
  ///   - environment: Variables that the command gets beside ours.
  ///   - outputPath: The file for its output, which is replaced.
  /// - Throws: if the file cannot be written or the system makes no process.
  public init(
    command: String, environment: [String: String] = [:], outputPath: String
  ) throws(TransportError) {
    self.outputPath = outputPath
    // A simple command takes the shell's place, so that its number is the one known here.
    identifier = try Self.spawn(
      ["/bin/sh", "-c", command], environment: environment, outputPath: outputPath)
    do throws(TransportError) {
      let thread = try LoopThread.spawn(name: "gauntlet-wait", attempt: "wait for a process") {
        [self] in self.waitForEnd()
      }
      pthread_detach(thread)
    } catch {
      _ = kill(-identifier, SIGKILL)
      throw error
    }
  }

  /// How it ended; nil while it runs.
  public var ending: Ending? { state.withLock { $0.ending } }

  /// Waits until it has ended.
  public func waitForEnd() async -> Ending {
    // Without a time limit there is always an ending.
    await wait(register: { _ in }) ?? .exited(0)
  }

  /// Waits until it has ended, but not longer than `limit`; then nil.
  public func waitForEnd(within limit: Duration) async -> Ending? {
    await wait { number in
      Task {
        try? await Task.sleep(for: limit)
        self.giveUp(number)
      }
    }
  }

  /// Ends it: SIGTERM to its whole group, and SIGKILL after `grace`.
  @discardableResult
  public func stop(grace: Duration = .seconds(3)) async -> Ending {
    if let ending { return ending }
    signalGroup(SIGTERM)
    if let ending = await waitForEnd(within: grace) { return ending }
    signalGroup(SIGKILL)
    return await waitForEnd()
  }

  /// Kills its whole group at once; for a program that ends itself.
  public func killAtOnce() { signalGroup(SIGKILL) }

  /// The last lines of its output, at most `lineCount` of them.
  public func lastLines(_ lineCount: Int = 20) -> [[UInt8]] {
    let octets = Self.tail(of: outputPath, byteCount: 16_384)
    let lines = octets.split(separator: 0x0a, omittingEmptySubsequences: false).map { Array($0) }
    return Array((lines.last?.isEmpty == true ? lines.dropLast() : lines).suffix(lineCount))
  }

  // MARK: Behind it

  private func signalGroup(_ signal: Int32) {
    // The number is the process's as long as nobody has reaped it, which happens under the lock.
    state.withLock { state in
      if state.ending == nil { _ = kill(-identifier, signal) }
    }
  }

  private func wait(register: (Int) -> Void) async -> Ending? {
    await withCheckedContinuation { continuation in
      let number: Int? = state.withLock { state in
        if state.ending != nil { return nil }
        state.next += 1
        state.waiters[state.next] = continuation
        return state.next
      }
      if let number { register(number) } else { continuation.resume(returning: ending) }
    }
  }

  private func giveUp(_ number: Int) {
    state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: nil)
  }

  /// On a thread of its own: sees the process end, kills what is left of its group, and reaps it.
  private func waitForEnd() {
    var info = unsafe siginfo_t()
    while unsafe waitid(P_PID, id_t(identifier), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    let waiters = state.withLock { state in
      _ = kill(-identifier, SIGKILL)
      var status: Int32 = 0
      while unsafe waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7f
      state.ending = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
      defer { state.waiters = [:] }
      return state.waiters.values.map { $0 }
    }
    let ending = ending
    for waiter in waiters { waiter.resume(returning: ending) }
  }

  private static func name(of signal: Int32) -> String? {
    let names: [Int32: String] = [
      SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL",
      SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL",
      SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
      SIGXCPU: "SIGXCPU", SIGSYS: "SIGSYS", SIGTRAP: "SIGTRAP",
    ]
    return names[signal]
  }
}
