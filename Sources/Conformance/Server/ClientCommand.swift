public import CaseLanguage
import FoundationEssentials
import Reports
import Synchronization
public import Transport

/// A client without a driver: a command that connects to a URL, echoes, and ends; run once per case.
public struct ClientCommand: Sendable {
  /// What a shell runs; `{url}`, `{case}`, `{agent}` and `{ca}` stand for what they say.
  ///
  /// The command finds the same in its environment: `GAUNTLET_URL`, `GAUNTLET_CASE`,
  /// `GAUNTLET_AGENT`, `GAUNTLET_CA`.
  public var text: String
  /// The client's name in the reports.
  public var agent: String
  /// How many run at a time.
  public var jobs = 4
  /// How long one may run, beside what the pauses of its case take.
  public var timeLimit = Duration.seconds(60)
  /// How long one may go on when its case is over.
  public var grace = Duration.seconds(3)
  /// Where the certificate is of the authority that the client is to trust, as PEM.
  public var authorityPath: String?
  /// The folder for the output of failing cases.
  public var outputFolder: String

  /// The command `text`, named `agent`, with its output in `outputFolder`.
  public init(text: String, agent: String, outputFolder: String) {
    self.text = text
    self.agent = agent
    self.outputFolder = outputFolder
  }

  /// Why no case can be played with the command.
  public enum Failure: Error, Sendable, CustomStringConvertible {
    /// A shell cannot find it, or may not run it.
    case cannotRun(String, output: String)
    /// A process could not be started.
    case transport(TransportError)

    /// One line for people.
    public var description: String {
      switch self {
      case .cannotRun(let command, let output):
        "cannot run '\(command)'\(output.isEmpty ? "" : ": \(output)")"
      case .transport(let error): error.description
      }
    }
  }

  /// Runs the command for each of `cases`, each with the URL that `url` makes of it.
  ///
  /// Every case has a result afterwards; where the client never connected it is an error. A task that
  /// is cancelled leaves out what has not ended by then.
  public func play(
    _ cases: [Case], with server: ConformanceServer, url: @escaping @Sendable (Case) -> String
  ) async throws(Failure) {
    let queue = Queue(try await provable(cases, with: server))
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<max(1, jobs) {
        group.addTask { [self] in
          while !Task.isCancelled, let item = queue.next() {
            do throws(Failure) {
              try await play(item, with: server, url: url(item))
            } catch {
              queue.fail(error)
            }
          }
        }
      }
    }
    if let failure = queue.failure { throw failure }
  }

  /// The cases that are still to be played; none any more after a failure.
  private final class Queue: Sendable {
    private let state: Mutex<(cases: ArraySlice<Case>, failure: Failure?)>

    init(_ cases: [Case]) {
      state = Mutex((cases[...], nil))
    }

    var failure: Failure? { state.withLock { $0.failure } }

    func next() -> Case? {
      state.withLock { $0.failure == nil ? $0.cases.popFirst() : nil }
    }

    func fail(_ failure: Failure) {
      state.withLock { $0.failure = $0.failure ?? failure }
    }
  }

  private func play(
    _ item: Case, with server: ConformanceServer, url: String
  ) async throws(Failure) {
    let path = outputFolder + "/" + Self.fileName(of: item.id)
    let started = Timestamp.now()
    let clock = ContinuousClock.now
    let process = try start(item.id, url: url, outputPath: path)
    let ending = await wait(for: process, until: clock + timeLimit + item.leastDuration) {
      // The process is about to be stopped then.
      if Task.isCancelled { server.disregard(item.id, agent: agent, since: clock) }
      return server.hasResult(of: item.id, agent: agent, after: clock)
    }
    if Task.isCancelled, !server.hasResult(of: item.id, agent: agent, after: clock) { return }
    let lines = process.lastLines().map { String(peerOctets: $0) }
    // What the client sent last may still be on its way through our loop.
    let result = await server.result(of: item.id, agent: agent, within: .seconds(5))
    guard let result else {
      if ending == .exited(126) || ending == .exited(127) {
        throw .cannotRun(text, output: lines.last ?? "")
      }
      let how = ending.map { "the command \($0)" } ?? "the command was stopped at its time limit"
      // A URL of RFC 6455 §3 has no place for credentials, so a client need not take one with them.
      var missing = CaseResult(
        caseID: item.id, verdict: Verdict(item.credentials == nil ? .error : .unsupported),
        reason: "\(how) and never connected",
        started: started, elapsed: .now - clock)
      missing.transcript = Self.notes(lines)
      return server.record(missing, agent: agent)
    }
    guard !result.verdict.isMet else {
      try? FileManager.default.removeItem(atPath: path)
      return
    }
    let ended = ending.map { "the command \($0)" } ?? "the command was stopped"
    server.amend(item.id, agent: agent) { $0.transcript += Self.notes([ended] + lines) }
  }

  /// The cases of which something can be learnt; the others get their results here.
  ///
  /// Where a client does not even take a good certificate of the authority that it was told of, that
  /// it refuses bad ones says nothing.
  private func provable(
    _ cases: [Case], with server: ConformanceServer
  ) async throws(Failure) -> [Case] {
    guard let base = server.proofURL else { return cases }
    let path = outputFolder + "/good-certificate.log"
    let started = Timestamp.now()
    let clock = ContinuousClock.now
    let process = try start("good-certificate", url: base + "/", outputPath: path)
    let ending = await wait(for: process, until: clock + timeLimit) { server.isProven }
    guard !server.isProven else {
      try? FileManager.default.removeItem(atPath: path)
      return cases
    }
    let lines = process.lastLines().map { String(peerOctets: $0) }
    if Task.isCancelled { return [] }
    if ending == .exited(126) || ending == .exited(127) {
      throw .cannotRun(text, output: lines.last ?? "")
    }
    for item in cases where item.certificate != nil {
      var result = CaseResult(
        caseID: item.id, verdict: Verdict(.error),
        reason: "the client does not take a good certificate either, so that it refuses bad ones "
          + "says nothing: have it trust the authority in {ca}",
        started: started, elapsed: .now - clock)
      result.transcript = Self.notes(lines)
      server.record(result, agent: agent)
    }
    return cases.filter { $0.certificate == nil }
  }

  private func start(
    _ caseID: String, url: String, outputPath: String
  ) throws(Failure) -> ChildProcess {
    var environment = [
      "GAUNTLET_URL": url, "GAUNTLET_CASE": caseID, "GAUNTLET_AGENT": agent,
    ]
    environment["GAUNTLET_CA"] = authorityPath
    do throws(TransportError) {
      return try ChildProcess(
        command: Self.expanded(text), environment: environment, outputPath: outputPath)
    } catch {
      throw .transport(error)
    }
  }

  /// Waits until the process ends, its case has been over for a while, or its time is up.
  private func wait(
    for process: ChildProcess, until limit: ContinuousClock.Instant, isOver: () -> Bool
  ) async -> ChildProcess.Ending? {
    var isOverSince: ContinuousClock.Instant?
    while true {
      if let ending = await process.waitForEnd(within: .milliseconds(200)) { return ending }
      let now = ContinuousClock.now
      if isOver() { isOverSince = isOverSince ?? now }
      if now > limit || isOverSince.map({ now > $0 + grace }) == true || Task.isCancelled {
        await process.stop(grace: .seconds(1))
        return nil
      }
    }
  }

  private static func notes(_ lines: [String]) -> [TranscriptEntry] {
    lines.map { line in
      TranscriptEntry(
        offset: .zero, direction: .noted, kind: .note, notation: "client: \(line)")
    }
  }

  /// The command with variables in place of placeholders.
  ///
  /// A URL has characters that a shell would take for its own; what a variable holds it does not
  /// read again.
  ///
  /// - Parameter text: The command.
  /// - Returns: What a shell is to run.
  public static func expanded(_ text: String) -> String {
    var text = text
    for (name, variable) in [
      ("{url}", "GAUNTLET_URL"), ("{case}", "GAUNTLET_CASE"), ("{agent}", "GAUNTLET_AGENT"),
      ("{page}", "GAUNTLET_PAGE"), ("{ca}", "GAUNTLET_CA"),
    ] {
      for quoted in ["'\(name)'", "\"\(name)\"", name] {
        text = text.replacing(quoted, with: "\"$\(variable)\"")
      }
    }
    return text
  }

  /// A name as it stands in the query of a URL.
  public static func percentEncoded(_ text: String) -> String {
    text.utf8.reduce(into: "") { encoded, octet in
      switch octet {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
        encoded.unicodeScalars.append(Unicode.Scalar(octet))
      default:
        let digits = String(octet, radix: 16, uppercase: true)
        encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
  }

  /// The name of the file for a case's output.
  static func fileName(of id: String) -> String {
    String(id.map { $0.isASCII && ($0.isLetter || $0.isNumber) || "-.".contains($0) ? $0 : "_" })
      + ".log"
  }
}
