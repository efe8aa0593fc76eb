import CaseLanguage
import HTTP
import Reports
import Transport
import WebSocketProtocol

/// One connection to a ``ConformanceServer``: a request first, and then what it asks for.
///
/// Cases are played by a ``Player``, and so are the small conversations around them: to tell a client
/// how many cases there are is to play a case of two steps that nobody judges.
final class DriverSocket: PlaySocket {
  private enum Phase {
    case request(RequestHeadParser)
    /// The request is there, the answer is not.
    case thinking
    case answered
  }

  private let host: DriverHost
  private let keys: MaskingKeySource
  /// What the listener is for, if it is for one case.
  private let trial: OwnPort?
  /// Whether it is where the case of that port leads clients.
  private let isElsewhere: Bool
  private var phase: Phase
  /// Whether the client says what is to be sent.
  private var isCommanded = false
  /// What comes before a case is known, where packets are captured.
  private var capture: PacketCapture?
  /// Whether a WebSocket client is being served.
  private var isServing = false
  /// Whether the client has ended TCP before it was played with.
  private var hasLeft = false
  /// The number under which the ledger knows that we wait for a result.
  private var waiting: Int?

  init(
    host: DriverHost, keys: MaskingKeySource, loop: EventLoop, trial: OwnPort? = nil,
    isElsewhere: Bool = false
  ) {
    self.host = host
    self.keys = keys
    self.trial = trial
    self.isElsewhere = isElsewhere
    var limits = HeadLimits()
    limits.maximumByteCount = host.options.headByteCount
    phase = .request(RequestHeadParser(limits: limits))
    super.init(loop: loop)
  }

  // MARK: Callbacks

  override func connected(_ timings: ConnectTimings) {
    deadline = .now + host.options.requestTimeout
    guard host.options.captures != nil else { return }
    capture = PacketCapture()
    capture?.connectedAt = .now
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    if !isElsewhere { trial?.noteAsked() }
    guard case .request(var parser) = phase else {
      // Nothing is due from a client that waits for its answer.
      if isPlaying { hear(&bytes) } else if case .thinking = phase { abort() }
      return
    }
    let complete: (head: RequestHead, byteCount: Int)?
    do {
      complete = try parser.parse(bytes.span)
      let headCount = complete?.byteCount ?? bytes.count
      capture?.append(bytes.span.extracting(0..<headCount), isSent: false, at: .now)
    } catch {
      return refuse(HandshakeRefusal(error))
    }
    guard let (head, byteCount) = complete else {
      phase = .request(parser)
      return
    }
    phase = .thinking
    deadline = nil
    answer(head)
    guard isPlaying, byteCount < bytes.count else { return }
    var rest = bytes._mutatingExtracting(droppingFirst: byteCount)
    hear(&rest)
  }

  private func hear(_ bytes: inout MutableSpan<UInt8>) {
    super.receive(&bytes)
    guard isCommanded else { return }
    player?.obey(at: .now)
    settle()
  }

  override func receivedEndOfStream() {
    if isPlaying { return super.receivedEndOfStream() }
    hasLeft = true
    close()
  }

  override func deadlineReached() {
    if isPlaying { return super.deadlineReached() }
    if let waiting {
      if host.ledger.giveUp(waiting) { deadline = .now + host.options.statusPatience }
      return
    }
    guard case .request(let parser) = phase, !parser.isEmpty else { return abort() }
    refuse(HandshakeRefusal(.requestTimeout, "the request did not come in time"))
  }

  override func closed(_ reason: CloseReason) {
    if let waiting { host.ledger.forget(waiting) }
    super.closed(reason)
    if isServing { host.clientLeft() }
    if let trial, !isElsewhere, !isPlaying { host.ended(trial, .init(reason, hasLeft: hasLeft)) }
    host.connectionEnded()
  }

  // MARK: Answering

  private func answer(_ head: RequestHead) {
    if let trial {
      if isElsewhere {
        host.wasLed(trial, asking: head)
        return converse(nil, answering: head)
      }
      guard let item = trial.item else { return converse(nil, answering: head) }
      return play(item, agent: trial.agent, head)
    }
    do {
      let request = try DriverRequest.parse(head.target, agent: host.options.agent)
      guard Self.asksForWebSocket(head) else { return answerPlainly(head, to: request) }
      isServing = true
      host.clientCame()
      guard let request else {
        if host.options.obeysCommands { return takeCommands(head) }
        return refuse(
          HandshakeRefusal(.notFound, "there is nothing at this path; \(StatusPage.paths)"))
      }
      try perform(request, head)
    } catch let error as DriverRequestError {
      refuse(HandshakeRefusal(.badRequest, "\(error)"))
    } catch let error as HandshakeRefusal {
      refuse(error)
    } catch {
      refuse(HandshakeRefusal(.internalServerError, "\(error)"))
    }
  }

  private func perform(_ request: DriverRequest, _ head: RequestHead) throws {
    if case .runCase(let reference, let agent) = request {
      return try run(try host.playedCase(reference), agent: agent, head)
    }
    host.ledger.noteOtherRequest()
    // Only a case judges what is wrong with an opening handshake; here it is refused.
    guard try HandshakeRequest.validate(head) != nil else {
      return answerPlainly(head, to: request)
    }
    switch request {
    case .runCase: break
    case .caseCount: converse("\(host.options.cases.count)", answering: head)
    case .caseInfo(let reference):
      converse(host.information(on: try host.playedCase(reference)), answering: head)
    case .caseStatus(let reference, let agent):
      awaitStatus(of: try host.playedCase(reference), agent: agent, head)
    case .updateReports(let endsAfter):
      let bound = LoopBound(self, on: loop)
      host.updateReports { isWritten in
        bound.execute { socket in
          socket.converse(nil, code: isWritten ? nil : 1011, answering: head)
          if endsAfter { socket.host.end() }
        }
      }
    case .stopServer:
      converse(nil, answering: head)
      host.end()
    }
  }

  /// Plays a case with whoever connected.
  private func run(_ item: Case, agent: String, _ head: RequestHead) throws {
    guard !host.options.skips(agent, item) else { return converse(nil, answering: head) }
    guard !item.needsOwnPort else {
      throw HandshakeRefusal(.notFound, "\(item.id) is played at a port of its own")
    }
    let peer = peerAddress?.host
    guard
      host.ledger.begin(
        item.id, agent: agent, userAgent: head.fields[.userAgent], url: peer)
    else {
      throw HandshakeRefusal(
        .tooManyRequests, "there are results of \(host.options.agentLimit) agents already")
    }
    host.observe(.began(agent: agent, caseID: item.id))
    play(item, agent: agent, head)
  }

  private func play(_ item: Case, agent: String, _ head: RequestHead) {
    let player = Player(
      item, role: .server, settings: host.options.player, keys: keys, streams: host.streams)
    let host = self.host
    phase = .answered
    let trial = self.trial
    begin(player, capture: capture) { record in
      if let trial { host.ended(trial, record) } else { host.ended(record, agent: agent) }
    }
    player.elsewhere = trial?.elsewhere ?? ""
    player.facts.serverName = tlsFacts?.serverName
    player.open(answering: head, fields: DriverHost.fields, at: .now)
    settle()
  }

  /// Opens the connection, says `text` if there is one, and closes it.
  private func converse(_ text: String?, code: UInt16? = nil, answering head: RequestHead) {
    guard isOpen, case .thinking = phase else { return }
    phase = .answered
    waiting = nil
    let steps: [Step] = text.map { [.frame(Step.Frame(opcode: .text, payload: .text($0)))] } ?? []
    let conversation = Case(
      id: "driver", citation: Citation(document: "RFC 6455", section: "4.2"),
      steps: steps + [.close(Step.Close(code: code))], deadline: Deadline(.seconds(30), .kill))
    var settings = PlayerSettings()
    settings.closeReplyTimeout = .seconds(10)
    let player = Player(conversation, role: .server, settings: settings, keys: keys)
    begin(player) { _ in }
    player.open(answering: head, fields: DriverHost.fields, at: .now)
    settle()
  }

  /// Opens the connection and does what the client asks for, until either side closes.
  private func takeCommands(_ head: RequestHead) {
    phase = .answered
    isCommanded = true
    let conversation = Case(
      id: "commands", citation: Citation(document: "RFC 6455", section: "5"),
      deadline: Deadline(.seconds(86_400), .kill), expectation: Expectation(reactions: []))
    let player = Player(
      conversation, role: .server, settings: host.options.player, keys: keys)
    begin(player) { _ in }
    player.open(answering: head, fields: DriverHost.fields, at: .now)
    settle()
  }

  private func awaitStatus(of item: Case, agent: String, _ head: RequestHead) {
    deadline = .now + host.options.statusPatience
    let bound = LoopBound(self, on: loop)
    waiting = host.ledger.await(item.id, agent: agent) { result in
      bound.execute { socket in
        socket.converse(DriverHost.status(of: result), answering: head)
      }
    }
  }

  // MARK: Ordinary requests

  private static func asksForWebSocket(_ head: RequestHead) -> Bool {
    head.fields.contains(token: "websocket", in: .upgrade)
      || head.fields.contains(.secWebSocketKey) || head.fields.contains(.secWebSocketVersion)
  }

  private func answerPlainly(_ head: RequestHead, to request: DriverRequest?) {
    guard request == nil else {
      return refuse(
        HandshakeRefusal(
          .upgradeRequired, "this is for WebSocket clients; in a browser, open /",
          fields: [.upgrade: "websocket", .connection: "Upgrade", .secWebSocketVersion: "13"]))
    }
    guard head.method == .get || head.method == .head else {
      return refuse(
        HandshakeRefusal(
          .methodNotAllowed, "only GET and HEAD are understood here", fields: [.allow: "GET, HEAD"])
      )
    }
    guard let page = StatusPage.page(at: head.target, host: host) else {
      return refuse(HandshakeRefusal(.notFound, "there is nothing here; \(StatusPage.paths)"))
    }
    phase = .answered
    var response = ResponseHead(status: .ok)
    response.fields[.contentType] = page.contentType
    response.fields[.contentLength] = "\(page.body.count)"
    response.fields[.cacheControl] = "no-store"
    response.fields[.xContentTypeOptions] = "nosniff"
    response.fields[.contentSecurityPolicy] = StatusPage.policy
    response.fields[.connection] = "close"
    var output: [UInt8] = []
    response.write(to: &output)
    if head.method != .head { output += page.body }
    write(output.span)
    close()
  }

  private func refuse(_ refusal: HandshakeRefusal) {
    phase = .answered
    deadline = nil
    let peer = peerAddress.map { "\($0): " } ?? ""
    host.observe(.refused("\(peer)\(refusal)"))
    var output: [UInt8] = []
    refusal.write(to: &output)
    write(output.span)
    close()
  }
}
