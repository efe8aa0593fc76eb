import CaseLanguage
import HTTP
import Reports
import Synchronization
import Transport
import WebSocketProtocol

/// A listener of its own, for one case.
///
/// TLS comes before the request that would name a case, and a client that minds the certificate sends
/// none: so the port tells which case it is. One more port, without a case, shows a good certificate:
/// a client that does not take that one has proven nothing by refusing the others. A case may also
/// lead the client elsewhere: to a second listener, at another host name.
final class OwnPort: Sendable {
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
  private let authority: TestAuthority?
  private let state = Mutex(State())

  private struct State {
    var port: UInt16 = 0
    var wasAsked = false
    /// The messages of TLS so far, the first of them.
    var messages: [String] = []
    /// The port that redirects lead to.
    var elsewherePort: UInt16 = 0
    /// The request that came there.
    var elsewhere: RequestHead?
    /// What was played last at the first port.
    var record: PlayRecord?
  }

  private init(_ item: Case?, _ options: ConformanceServerOptions.OwnPorts) {
    self.item = item
    agent = options.agent
    authority = options.authority
  }

  /// Those that the cases need, and the one that proves them.
  static func all(_ options: ConformanceServerOptions) -> [OwnPort] {
    guard let ports = options.ownPorts else { return [] }
    let cases = options.cases.filter(\.needsOwnPort)
    let needsProof = cases.contains { $0.certificate != nil }
    return (needsProof ? [OwnPort(nil, ports)] : []) + cases.map { OwnPort($0, ports) }
  }

  /// What comes before the path of its URL.
  var url: String {
    let credentials = item?.credentials.map { $0 + "@" } ?? ""
    return "\(isSecure ? "wss" : "ws")://\(credentials)localhost:\(state.withLock { $0.port })"
  }

  private var isSecure: Bool { item == nil || item?.certificate != nil }

  /// What comes after the scheme of the URL that redirects lead to.
  var elsewhere: String { "//127.0.0.1:\(state.withLock { $0.elsewherePort })/" }

  /// Keeps what was played at the first port; what was asked elsewhere belongs to it.
  func completed(_ record: PlayRecord) -> PlayRecord {
    state.withLock { state in
      state.record = record
      var record = record
      record.facts.elsewhere = state.elsewhere
      return record
    }
  }

  /// A request has come elsewhere; the play that it belongs to, if that is over.
  func noteElsewhere(_ request: RequestHead) -> PlayRecord? {
    state.withLock { state in
      state.elsewhere = state.elsewhere ?? request
      var record = state.record
      record?.facts.elsewhere = state.elsewhere
      return record
    }
  }

  /// Whether a client has sent anything within TLS.
  var wasAsked: Bool { state.withLock { $0.wasAsked } }

  /// A client has sent something within TLS.
  func noteAsked() { state.withLock { $0.wasAsked = true } }

  /// Listens wherever `localhost` may lead to, at one port.
  func listen(
    on loops: [EventLoop], makeSocket: @escaping @Sendable (EventLoop) -> StreamSocket?,
    makeElsewhere: @escaping @Sendable (EventLoop) -> StreamSocket?
  ) throws(TransportError) -> [Listener] {
    var options = Listener.Options()
    if isSecure {
      // Nobody trusts one that is made for this port alone.
      let authority = if let authority { authority } else { try TestAuthority() }
      options.tls = try authority.context(
        item?.certificate ?? .trusted, messageLog: { [weak self] in self?.note($0) })
    }
    let first = try Listener.listen(
      on: loops, at: .loopback(port: 0), options: options, makeSocket: { makeSocket($0.loop) })
    let port = first.first?.localAddress.port ?? 0
    state.withLock { $0.port = port }
    // Without IPv6, or where another has the port there, clients go on to the first address.
    var others: [Listener] = []
    if let address = SocketAddress(host: "::1", port: port) {
      others =
        (try? Listener.listen(
          on: loops, at: address, options: options, makeSocket: { makeSocket($0.loop) })) ?? []
    }
    if item?.leadsElsewhere == true {
      let made = try Listener.listen(
        on: loops, at: .loopback(port: 0), makeSocket: { makeElsewhere($0.loop) })
      state.withLock { $0.elsewherePort = made.first?.localAddress.port ?? 0 }
      others += made
    }
    return first + others
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
    if isSecure, !messages.contains(where: { $0.hasPrefix("received") }) {
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

extension OwnPort.Ending {
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
