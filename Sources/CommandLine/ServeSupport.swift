import ArgumentParser
import Dispatch
import FoundationEssentials
import Glibc
import Transport

/// SIGTERM and SIGINT, or other signals, as a stream; from its making on they no longer end the process by themselves.
final class TerminationSignals {
  /// One element for each signal.
  let stream: AsyncStream<Void>
  private let sources: [any DispatchSourceSignal]

  init(_ numbers: [Int32] = [SIGTERM, SIGINT]) {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    self.stream = stream
    sources = numbers.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield() }
      source.resume()
      return source
    }
  }

  /// The signals that end a run: also the terminal's going, unless somebody wants the run to outlive it (nohup).
  private static var endingRuns: [Int32] {
    [SIGTERM, SIGINT] + (IgnoredSignals.contains(SIGHUP) ? [] : [SIGHUP])
  }

  /// Waits for the next signal.
  func next() async {
    var iterator = stream.makeAsyncIterator()
    _ = await iterator.next()
  }

  /// Calls `work` at each signal from now on, with how many there were, until the task is cancelled.
  static func each(
    of numbers: [Int32] = [SIGTERM, SIGINT],
    _ work: @escaping @Sendable (_ count: Int) async -> Void
  ) -> Task<Void, Never> {
    let signals = TerminationSignals(numbers)
    return Task {
      var count = 0
      for await _ in signals.stream {
        count += 1
        await work(count)
      }
    }
  }

  /// Calls `work` at each signal that ends a run, as `each(of:_:)` does.
  ///
  /// Those that come within 300 ms are one wish: timeout(1) tells a process and then its group.
  static func eachEnding(
    _ work: @escaping @Sendable (_ count: Int) async -> Void
  ) -> Task<Void, Never> {
    let signals = TerminationSignals(endingRuns)
    return Task {
      var count = 0
      var last: ContinuousClock.Instant?
      for await _ in signals.stream {
        let now = ContinuousClock.now
        if let last, now - last < .milliseconds(300) { continue }
        last = now
        count += 1
        await work(count)
      }
    }
  }
}

/// Where a server listens: told in a line, and in a file for scripts while it runs.
struct Announcement {
  /// The URLs of the listeners.
  let urls: [String]
  private let readyFile: String?

  /// The URLs of `addresses`, each with its scheme, and `path` behind it.
  init(
    _ addresses: [SocketAddress], schemes: [String], path: String = "", readyFile: String?
  ) {
    urls = zip(schemes, addresses).map { scheme, address in
      if case .unix(let socket) = address { return "\(scheme)+unix:\(socket)" }
      return "\(scheme)://\(address)\(path)"
    }
    self.readyFile = readyFile
  }

  /// Prints the line with `say`, and writes the file.
  func tell(_ say: (String) -> Void = printToStandardOutput) throws {
    say("listening on \(urls.joined(separator: " "))")
    guard let readyFile else { return }
    do {
      // As a whole, so that no reader ever sees a part.
      let text = urls.map { $0 + "\n" }.joined()
      try Data(text.utf8).write(to: URL(filePath: readyFile), options: .atomic)
    } catch {
      throw couldNotRun("cannot write \(readyFile): check that its folder exists and is writable")
    }
  }

  /// Removes the file.
  func withdraw() {
    if let readyFile { try? FileManager.default.removeItem(atPath: readyFile) }
  }
}

/// Prints one line that says what to do, and ends with the exit code for it.
///
/// Below it stand the last lines of a process that has to do with it.
func couldNotRun(_ message: String, output: [String] = []) -> ExitCode {
  printToStandardError("gauntlet: \(message)")
  for line in output { printToStandardError("  | \(line)") }
  return GauntletExit.couldNotRun
}

/// What `work` gives; why it gives nothing is told in one line, with the exit code for it.
func orCouldNotRun<Value>(_ work: () throws -> Value) throws -> Value {
  do {
    return try work()
  } catch {
    throw couldNotRun("\(error)")
  }
}

/// Prints one line that says what to do, and ends with the exit code for it.
func wrongUse(_ message: String) -> ExitCode {
  printToStandardError("gauntlet: \(message)")
  return GauntletExit.wrongUse
}

/// Refuses a number of `--pid` that is nobody's.
func checkProcess(_ pid: Int32) throws {
  // No signal is sent; EPERM says that there is a process, of somebody else.
  guard pid > 0, kill(pid, 0) == 0 || errno == EPERM else {
    throw ValidationError("--pid \(pid): there is no such process")
  }
}
