import CaseLanguage
import HTTP
import Reports
import Synchronization

/// What all connections to a ``ConformanceServer`` share.
final class DriverHost: Sendable {
  let options: ConformanceServerOptions
  let ledger: DriverLedger
  let streams: CompressedStreamCache
  private let builder: ResultBuilder
  private let connectionCount = Atomic<Int>(0)
  private let hooks = Mutex(Hooks())
  private let attention = Mutex(Attention())

  /// Whether WebSocket clients are being served; who only reads the page is none.
  private struct Attention {
    var clientCount = 0
    var quietSince = ContinuousClock.now
  }

  private struct Hooks {
    var observer: (@Sendable (ConformanceServer.Event) -> Void)?
    var writeReports: (@Sendable () async -> Bool)?
    var end: (@Sendable () -> Void)?
  }

  /// The fields of our responses beside those of the handshake.
  static let fields: HTTPFields = [.server: "gauntlet"]

  init(_ options: ConformanceServerOptions) {
    self.options = options
    ledger = DriverLedger(
      cases: options.cases, earlier: options.earlier, agentLimit: options.agentLimit)
    streams = CompressedStreamCache(byteCountLimit: options.keptStreamByteCount)
    var numbers: [String: Int] = [:]
    for (index, item) in options.cases.enumerated() { numbers[item.id] = index + 1 }
    builder = ResultBuilder(
      url: "", transcripts: options.transcripts, caseNumbers: numbers,
      replayCommand: options.replayCommand, captures: options.captures)
  }

  func attach(
    observer: (@Sendable (ConformanceServer.Event) -> Void)?,
    writeReports: (@Sendable () async -> Bool)?, end: @escaping @Sendable () -> Void
  ) {
    hooks.withLock { $0 = Hooks(observer: observer, writeReports: writeReports, end: end) }
  }

  // MARK: Connections

  /// Whether one more connection may be taken.
  func admitConnection() -> Bool {
    guard connectionCount.load(ordering: .relaxed) < options.connectionLimit else { return false }
    connectionCount.wrappingAdd(1, ordering: .relaxed)
    return true
  }

  func connectionEnded() {
    connectionCount.wrappingSubtract(1, ordering: .relaxed)
  }

  /// A WebSocket client has asked for something.
  func clientCame() {
    attention.withLock { $0.clientCount += 1 }
  }

  /// A client that came has its answer, or is gone.
  func clientLeft() {
    attention.withLock { attention in
      attention.clientCount -= 1
      attention.quietSince = .now
    }
  }

  /// Takes this moment for the last at which something was asked for.
  func noteActivity() {
    attention.withLock { $0.quietSince = .now }
  }

  /// How long nobody has asked for anything; nil while a client is being served.
  var silence: Duration? {
    attention.withLock { $0.clientCount > 0 ? nil : .now - $0.quietSince }
  }

  // MARK: Cases

  func playedCase(
    _ reference: DriverRequest.CaseReference
  ) throws(DriverRequestError) -> Case {
    switch reference {
    case .position(let number):
      guard options.cases.indices.contains(number - 1) else {
        throw .unknownCase("\(number)", count: options.cases.count)
      }
      return options.cases[number - 1]
    case .name(let name):
      let found = options.cases.first { $0.number(in: "autobahn") == name || $0.id == name }
      guard let found else {
        throw .unknownCase(String(name.prefix(80)), count: options.cases.count)
      }
      return found
    }
  }

  /// What `/getCaseInfo` says.
  func information(on item: Case) -> String {
    let description = item.title.isEmpty ? item.why : item.title
    return DriverJSON.text(
      DriverJSON.Information(
        id: item.number(in: "autobahn") ?? item.id, description: description))
  }

  /// What `/getCaseStatus` says; a case without a result is missing.
  static func status(of result: CaseResult?) -> String {
    DriverJSON.text(DriverJSON.Status(behavior: behaviour(of: result)))
  }

  /// What the page shows.
  var board: String {
    DriverJSON.text(
      DriverJSON.Board(
        cases: options.cases, results: ledger.results(), standings: ledger.standings()))
  }

  private static func behaviour(of result: CaseResult?) -> String {
    guard let result else { return "MISSING" }
    if let view = result.aliasView { return view.behavior.rawValue }
    switch result.verdict.overall {
    case .pass: return "OK"
    case .acceptable: return "NON-STRICT"
    case .informational: return "INFORMATIONAL"
    case .unsupported: return "UNIMPLEMENTED"
    case .fail, .error: return "FAILED"
    }
  }

  // MARK: What happens

  func ended(_ record: PlayRecord, agent: String) {
    let result = builder.result(record, agent: agent)
    guard ledger.end(result.caseID, agent: agent, result) else { return }
    observe(.finished(agent: agent, result))
  }

  /// A client has connected to a server that shows it a certificate.
  func began(_ trial: OwnPort) {
    guard let item = trial.item else { return }
    guard ledger.begin(item.id, agent: trial.agent, userAgent: nil, url: nil) else { return }
    observe(.began(agent: trial.agent, caseID: item.id))
  }

  /// That connection has ended, and the client has asked nothing over it.
  func ended(_ trial: OwnPort, _ ending: OwnPort.Ending) {
    guard let record = trial.record(ending) else { return }
    let caseID = record.playedCase.id
    // What the client did over one connection it does not undo by another.
    if trial.wasAsked, ledger.hasEnded(caseID, agent: trial.agent) {
      return ledger.abandon(caseID, agent: trial.agent)
    }
    ended(record, agent: trial.agent)
  }

  /// A case at a port of its own has been played.
  func ended(_ trial: OwnPort, _ record: PlayRecord) {
    ended(trial.completed(record), agent: trial.agent)
  }

  /// A client has asked where the case of that port has led it.
  func wasLed(_ trial: OwnPort, asking request: RequestHead) {
    guard let record = trial.noteElsewhere(request) else { return }
    ended(record, agent: trial.agent)
  }

  func observe(_ event: ConformanceServer.Event) {
    hooks.withLock { $0.observer }?(event)
  }

  /// Has the reports written, and says then whether that went well.
  func updateReports(_ completion: @escaping @Sendable (Bool) -> Void) {
    let write = hooks.withLock { $0.writeReports }
    Task { completion(await write?() ?? true) }
  }

  func end() {
    hooks.withLock { $0.end }?()
  }
}
