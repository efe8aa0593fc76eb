import HTTP
import Transport
import WebSocketProtocol

/// Ordinary requests on the connection (RFC 9112 §9): one after the other, each answered before the
/// next is looked at.
extension ServerConnection {
  /// An ordinary request's head has come.
  func answer(_ head: RequestHead, _ opening: OpeningState, _ output: inout [UInt8]) {
    guard !opening.isOverLimit else { return refuseOverLimit(&output) }
    let omitsBody = head.method == .head
    let hosts = head.fields[values: .http1Host]
    guard hosts.count == 1 || (hosts.isEmpty && head.version < .http11),
      hosts.allSatisfy(HandshakeRequest.isAuthority)
    else {
      // RFC 9112 §3.2.
      return refuse(
        HandshakeRefusal(.badRequest, "There is not exactly one valid Host field."),
        omitsBody: omitsBody, &output)
    }
    guard let target = RequestTarget(head.target),
      target.authority.map(HandshakeRequest.isAuthority) != false
    else {
      return refuse(
        HandshakeRefusal(.badRequest, "The request target is neither a path nor an http URL."),
        omitsBody: omitsBody, &output)
    }
    let framing: BodyFraming
    do throws(HeadError) {
      framing = try BodyFraming(of: head)
    } catch {
      return refuse(HandshakeRefusal(error), omitsBody: omitsBody, &output)
    }
    // What was answered before goes out before.
    if !output.isEmpty {
      write(output.span)
      output.removeAll(keepingCapacity: true)
    }
    let authority = target.authority ?? hosts.first
    let request = describe(head, target, authority, opening, isUpgrade: false)
    guard target.isUnambiguous else {
      return serve(
        request, framing, screening: .respond(.text(Self.ambiguousPath, status: .badRequest)))
    }
    guard let gate = host.context.gate else {
      return serve(request, framing, screening: .proceed)
    }
    ask(gate, request, opening) { connection, decision, _ in
      connection.decided(decision, request, framing)
    }
  }

  /// Whoever reads such a path in another way than its neighbour lets in whom the other keeps out.
  private static let ambiguousPath = "The path is malformed or leads upwards."

  /// Asks whether a request may be served, and goes on with what is asked next once that is known.
  private func ask(
    _ gate: Gate, _ request: ServerRequest, _ opening: OpeningState,
    then act: @escaping @Sendable (ServerConnection, Gate.Decision, OpeningState) -> Void
  ) {
    opening.isDeciding = true
    let held = LoopBound(self, on: loop)
    gate.decide(request, on: loop) { decision in
      let connection = held.value
      guard connection.phase == .opening, let opening = connection.opening, opening.isDeciding
      else { return }
      opening.isDeciding = false
      act(connection, decision, opening)
      if !opening.isInBatch { connection.continueRequests() }
    }
  }

  private func decided(
    _ decision: Gate.Decision, _ request: ServerRequest, _ framing: BodyFraming
  ) {
    switch decision {
    case .admit(let principal):
      var request = request
      request.principal = principal
      serve(request, framing, screening: .proceed)
    case .respond(let response):
      if 400..<600 ~= response.status.code {
        noteRefusal(response.status.code, "not let in")
      }
      serve(request, framing, screening: .respond(response))
    }
  }

  /// Decides whether a client may open a WebSocket.
  func decide(
    _ handshake: HandshakeRequest, _ opening: OpeningState, _ output: inout [UInt8]
  ) {
    guard !opening.isOverLimit else { return refuseOverLimit(&output) }
    guard let target = RequestTarget(handshake.resourceName), target.isUnambiguous else {
      return refuse(
        HandshakeRefusal(.badRequest, Self.ambiguousPath), omitsBody: false, &output)
    }
    guard let gate = host.context.gate else { return upgrade(handshake, nil, opening, &output) }
    if !output.isEmpty {
      write(output.span)
      output.removeAll(keepingCapacity: true)
    }
    let request = describe(handshake.head, target, handshake.host, opening, isUpgrade: true)
    ask(gate, request, opening) { connection, decision, opening in
      connection.decided(decision, request, handshake, opening)
    }
  }

  private func decided(
    _ decision: Gate.Decision, _ request: ServerRequest, _ handshake: HandshakeRequest,
    _ opening: OpeningState
  ) {
    switch decision {
    case .admit(let principal):
      if let handler = host.context.configuration.http.upgradeHandler(for: request) {
        var request = request
        request.principal = principal
        tunnel(request, handler)
        break
      }
      var output: [UInt8] = []
      upgrade(handshake, principal, opening, &output)
      if !output.isEmpty { write(output.span) }
      if phase == .draining, !opening.isInBatch { endTransport(at: loop.now) }
    case .respond(let response):
      noteRefusal(response.status.code, "not let in")
      var response = response
      response.closesConnection = true
      serve(request, .none, screening: .respond(response))
    }
  }

  private func describe(
    _ head: RequestHead, _ target: RequestTarget, _ authority: String?, _ opening: OpeningState,
    isUpgrade: Bool
  ) -> ServerRequest {
    ServerRequest(
      server: server, connectionID: id, listenerIndex: opening.listenerIndex,
      peerAddress: opening.peerAddress,
      localAddress: localAddress, tls: tlsFacts, head: head, target: target,
      authority: authority, isUpgrade: isUpgrade)
  }

  /// Hands a request for a WebSocket over to another server.
  private func tunnel(_ request: ServerRequest, _ handler: HTTPHandler) {
    guard let opening, let decoder = try? BodyDecoder(.untilClose, maximumByteCount: .max) else {
      return
    }
    let exchange = HTTPExchange(request, on: self, decoder: decoder, closes: true)
    opening.exchange = exchange
    deadline = exchange.deadline
    exchange.start(handler.make(exchange.request))
  }

  /// Begins the exchange.
  private func serve(
    _ request: ServerRequest, _ framing: BodyFraming, screening: HTTPService.Screening
  ) {
    guard let opening else { return }
    let context = host.context
    let service = context.configuration.http
    var request = request
    var sessions = context.sessions
    let handler: HTTPHandler
    if case .respond(let response) = screening {
      handler = .fixed(response)
      // Who is not let in costs the server nothing that lasts.
      sessions = nil
    } else if let (found, parameters) = service.handler(for: request) {
      request.parameters = parameters
      handler = found
    } else {
      handler = .fixed(service.fallback(for: request, context.responder))
    }
    let head = request.head
    let closes =
      head.version < .http11 || head.fields.contains(token: "close", in: .connection)
    let decoder: BodyDecoder
    do throws(HeadError) {
      decoder = try BodyDecoder(framing, maximumByteCount: handler.maximumBodyByteCount)
    } catch {
      var output: [UInt8] = []
      refuse(HandshakeRefusal(error), omitsBody: head.method == .head, &output)
      write(output.span)
      if !opening.isInBatch { endTransport(at: loop.now) }
      return
    }
    let exchange = HTTPExchange(request, on: self, decoder: decoder, closes: closes)
    opening.exchange = exchange
    sessions?.attach(to: exchange)
    deadline = exchange.deadline
    exchange.start(handler.make(exchange.request))
  }

  // MARK: The course of an exchange

  /// Keeps what came ahead of its turn, and reads no more until it has come.
  func holdRequests(_ bytes: Span<UInt8>) {
    bytes.append(to: &needExtra().held)
    pauseReading()
  }

  /// After a read: the request has its deadline, an answer that is being made has none.
  func watchExchange() {
    guard let opening else { return }
    if opening.exchange?.isTunnel == true {
      tunnelMoved()
    } else if let exchange = opening.exchange, !exchange.isRequestComplete {
      deadline = exchange.deadline
    } else if opening.isWaiting, pendingByteCount == 0 {
      deadline = nil
    } else if pendingByteCount > 0 {
      outputIsLate()
    }
  }

  /// Octets have passed a tunnel, or one side of it has ended.
  func tunnelMoved() {
    guard let opening, opening.pendingAtLastLook == 0 else { return }
    deadline = opening.exchange?.deadline
  }

  /// A response has begun; that it is taken is watched from now on.
  func responseBegan() {
    guard pendingByteCount > 0 else { return }
    outputIsLate()
  }

  /// The client does not take its answer at once.
  func outputIsLate() {
    guard let opening, phase == .opening else { return }
    guard deadline == nil || opening.pendingAtLastLook == 0 else { return }
    opening.pendingAtLastLook = pendingByteCount
    deadline = loop.now + host.context.configuration.timeouts.openingHandshake
  }

  /// As long as the client takes some of its answer, it gets more time.
  func answerIsLate(_ opening: OpeningState) {
    let pending = pendingByteCount
    guard pending != opening.pendingAtLastLook else { return abort() }
    opening.pendingAtLastLook = pending
    deadline = loop.now + host.context.configuration.timeouts.openingHandshake
  }

  /// All output has gone, before there is a WebSocket.
  func openingOutputDrained() {
    guard let opening else { return }
    opening.pendingAtLastLook = 0
    guard let exchange = opening.exchange else {
      if opening.isDeciding { deadline = nil }
      return continueRequests()
    }
    // Until now it was that of the output.
    deadline = exchange.deadline
    exchange.outputDrained()
    if isHolding { continueRequests() }
  }

  /// The response is complete; so the next request is looked at, or the connection ends.
  func exchangeEnded(closes: Bool) {
    guard phase == .opening, let opening else { return }
    opening.exchange = nil
    if closes {
      phase = .draining
      if !opening.isInBatch { endTransport(at: loop.now) }
      return
    }
    opening.handshake = ServerHandshake(limits: host.context.headLimits)
    opening.pendingAtLastLook = 0
    deadline = loop.now + host.context.configuration.timeouts.openingHandshake
    guard !opening.isInBatch else { return }
    // Not from inside the handler's call.
    let held = LoopBound(self, on: loop)
    loop.execute { held.value.continueRequests() }
  }

  /// Looks at what came ahead of its turn, then reads on.
  func continueRequests() {
    while phase == .opening, let opening, !opening.isInBatch, !opening.isWaiting,
      pendingByteCount <= host.queueLimit, let extra, !extra.held.isEmpty
    {
      var bytes: [UInt8] = []
      swap(&bytes, &extra.held)
      var span = bytes.mutableSpan
      receiveRequests(&span)
    }
    switch phase {
    case .opening:
      guard let opening, !opening.isInBatch, !opening.isWaiting, !isHolding else { return }
      guard hasSeenEndOfStream else { return resumeReading() }
      if !openingEndOfStream() { endOfStream() }
    case .open:
      // Frames that came before the decision.
      if let extra, !extra.held.isEmpty {
        var bytes: [UInt8] = []
        swap(&bytes, &extra.held)
        var span = bytes.mutableSpan
        receiveMessages(&span)
      }
      guard pauses.isEmpty, !isHolding, phase == .open else { return }
      if hasSeenEndOfStream { endOfStream() } else { resumeReading() }
    case .draining, .raw, .gone: break
    }
  }

  /// The client's FIN, while a request is answered: the answer goes on if the request is complete.
  func openingEndOfStream() -> Bool {
    guard phase == .opening, let opening else { return false }
    if opening.isWaiting { return true }
    guard let exchange = opening.exchange else { return false }
    exchange.receiveEndOfStream()
    return true
  }

  /// The connection is gone, so is the exchange.
  func endExchange() {
    guard let exchange = opening?.exchange else { return }
    opening?.exchange = nil
    exchange.connectionEnded()
  }
}
