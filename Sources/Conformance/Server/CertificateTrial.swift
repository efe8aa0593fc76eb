import CaseLanguage
import Reports
import Synchronization
import Transport
import WebSocketProtocol

/// A listener with a certificate of its own, for one case.
///
/// TLS comes before the request that would name a case, and a client that minds the certificate sends
/// none: so the port tells which case it is. One more trial, without a case, shows a good certificate:
/// a client that does not take that one has proven nothing by refusing the others.
final class CertificateTrial: Sendable {
  /// How a connection ended over which nothing was asked.
  struct Ending: Sendable {
    /// What happened, in one line.
    var text: String
    /// Whether it was the client's doing.
    var isByClient: Bool
  }

  /// The case; nil: whoever asks anything here has shown that it takes a good certificate.
  let item: Case?
  /// Who plays it.
  let agent: String
  private let authority: TestAuthority
  private let state = Mutex(State())

  private struct State {
    var port: UInt16 = 0
    var wasAsked = false
    /// The messages of TLS so far, the first of them.
    var messages: [String] = []
  }

  private init(_ item: Case?, _ trials: ConformanceServerOptions.CertificateTrials) {
    self.item = item
    agent = trials.agent
    authority = trials.authority
  }

  /// Those that the cases need, and the one that proves them.
  static func all(_ options: ConformanceServerOptions) -> [CertificateTrial] {
    let cases = options.cases.filter { $0.certificate != nil }
    guard let trials = options.certificates, !cases.isEmpty else { return [] }
    return [CertificateTrial(nil, trials)] + cases.map { CertificateTrial($0, trials) }
  }

  /// What comes before the path of its URL.
  var url: String { "wss://localhost:\(state.withLock { $0.port })" }

  /// Whether a client has sent anything within TLS.
  var wasAsked: Bool { state.withLock { $0.wasAsked } }

  /// A client has sent something within TLS.
  func noteAsked() { state.withLock { $0.wasAsked = true } }

  /// Listens wherever `localhost` may lead to, at one port.
  func listen(
    on loops: [EventLoop], makeSocket: @escaping @Sendable (EventLoop) -> StreamSocket?
  ) throws(TransportError) -> [Listener] {
    var options = Listener.Options()
    options.tls = try authority.context(
      item?.certificate ?? .trusted, messageLog: { [weak self] in self?.note($0) })
    let first = try Listener.listen(
      on: loops, at: .loopback(port: 0), options: options, makeSocket: { makeSocket($0.loop) })
    let port = first.first?.localAddress.port ?? 0
    state.withLock { $0.port = port }
    // Without IPv6, or where another has the port there, clients go on to the first address.
    guard let address = SocketAddress(host: "::1", port: port) else { return first }
    let second = try? Listener.listen(
      on: loops, at: address, options: options, makeSocket: { makeSocket($0.loop) })
    return first + (second ?? [])
  }

  private func note(_ message: String) {
    state.withLock { state in
      if state.messages.count < 64 { state.messages.append(message) }
    }
  }

  /// What is left of a connection that ended so; nil where there is no case.
  func record(_ ending: Ending) -> PlayRecord? {
    guard let item else { return nil }
    var facts = CaseFacts(role: .server)
    facts.openingFailure = ending.text
    facts.droppedByPeer = ending.isByClient
    // What it said was no request that could be read.
    facts.spokeEarly = wasAsked
    var record = PlayRecord(playedCase: item, facts: facts)
    let messages = state.withLock { $0.messages }
    if !messages.contains(where: { $0.hasPrefix("received") }) {
      record.transportError = TransportError(
        .tlsProtocol, attempt: "see what the client makes of the certificate",
        detail: "it ended TCP before it began TLS")
    }
    let now = ContinuousClock.now
    record.startedAt = now
    record.transcript = (messages.map { "TLS: \($0)" } + [ending.text]).map {
      TranscriptRecorder.Entry(instant: now, content: .note($0))
    }
    return record
  }
}

extension CertificateTrial.Ending {
  /// What the reason of the socket says; `hasLeft`: the client ended what it sends.
  init(_ reason: CloseReason, hasLeft: Bool) {
    switch reason {
    case .connectFailed(let error):
      self.init(text: error.description, isByClient: error.kind != .timedOut)
    case .failed(let error): self.init(text: "TCP failed: \(error.detail)", isByClient: true)
    case .peerReset: self.init(text: "the client reset TCP", isByClient: true)
    case .local, .lingerExpired, .aborted, .endOfStream, .loopStopped:
      self.init(
        text: hasLeft
          ? "the client closed TCP" : "the client neither sent a request nor ended the connection",
        isByClient: hasLeft)
    }
  }
}
