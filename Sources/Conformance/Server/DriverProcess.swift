public import Transport

/// A driver: one command that plays all cases with a client, a browser among others.
///
/// A client may hang or crash on a case. A driver that asks for nothing any more is ended, the case
/// is named, and where restarts are left the driver is started again.
public struct DriverProcess: Sendable {
  /// How a driver came to its end.
  public enum Ending: Hashable, Sendable {
    /// It ended by itself.
    case ended(ChildProcess.Ending)
    /// It was ended: no client had asked for anything for so long.
    case silent(Duration)
    /// It was ended because the run was.
    case stopped

    /// Whether the client may have left cases out that are not at fault.
    var isRestartWorthwhile: Bool {
      switch self {
      case .ended(.killed), .silent: true
      case .ended(.exited), .stopped: false
      }
    }
  }

  /// What was noticed on the way.
  public enum Event: Sendable {
    /// The driver came to such an end while its client, `agent`, played these cases.
    case lost(Ending, agent: String?, cases: [String])
    /// It starts again.
    case restarted
  }

  /// What a shell runs; `{url}`, `{agent}` and `{page}` stand for what they say, as in
  /// ``ClientCommand/expanded(_:)``.
  public var text: String
  /// How long no client may ask for anything until the driver counts as hung.
  public var silenceLimit = Duration.seconds(60)
  /// How often it is started again after it hung or crashed.
  public var restartLimit = 0
  /// The file for its output.
  public var outputPath: String

  /// The driver `text`, with its output at `outputPath`.
  public init(text: String, outputPath: String) {
    self.text = text
    self.outputPath = outputPath
  }

  /// Runs the driver to its last end.
  ///
  /// - Parameters:
  ///   - server: Who plays the cases.
  ///   - environment: Makes the variables that stand for the placeholders; told whether cases that
  ///     have been played are to be left out.
  ///   - observer: Hears of each loss and each restart.
  /// - Returns: The last end, and the last lines that the driver wrote.
  /// - Throws: if no process could be started.
  public func run(
    with server: ConformanceServer, environment: (_ isResuming: Bool) -> [String: String],
    observer: (Event) -> Void
  ) async throws(TransportError) -> (ending: Ending, lastLines: [[UInt8]]) {
    var restartCount = 0
    while true {
      let process = try ChildProcess(
        command: ClientCommand.expanded(text), environment: environment(restartCount > 0),
        outputPath: outputPath)
      let ending = await wait(for: process, server)
      if ending.isRestartWorthwhile {
        let suspects = server.blameLastCases(for: ending, isRestarted: restartCount < restartLimit)
        observer(.lost(ending, agent: suspects?.agent, cases: suspects?.cases ?? []))
      }
      guard ending.isRestartWorthwhile, restartCount < restartLimit else {
        return (ending, process.lastLines(8))
      }
      restartCount += 1
      observer(.restarted)
    }
  }

  private func wait(for process: ChildProcess, _ server: ConformanceServer) async -> Ending {
    server.noteActivity()
    while true {
      if let ending = await process.waitForEnd(within: .milliseconds(200)) { return .ended(ending) }
      let silence = server.silence
      guard Task.isCancelled || silence.map({ $0 > silenceLimit }) == true else { continue }
      await process.stop(grace: .seconds(3))
      return Task.isCancelled ? .stopped : .silent(silenceLimit)
    }
  }
}

extension DriverProcess.Ending: CustomStringConvertible {
  /// What a client did, for the end of a sentence: `asked for nothing more for 60.0 seconds`.
  public var description: String {
    switch self {
    case .ended(let ending): "\(ending)"
    case .silent(let limit): "asked for nothing more for \(limit)"
    case .stopped: "was stopped"
    }
  }
}
