import CaseLanguage
public import HTTP
import WebSocketProtocol

/// The opening handshake, as either side.
extension Player {
  /// As client: TCP is up, and the request goes out.
  public func open(_ opening: ClientOpening, at now: ContinuousClock.Instant) {
    precondition(role == .client && state == .connecting, "a connection is opened once")
    recorder.begin(at: now)
    usualHead = opening.request(of: playedCase)
    guard playedCase.hasScriptedOpening else {
      send(HeadScript(.request), at: now)
      awaitOpen(at: now)
      return
    }
    runSteps(at: now)
  }

  /// As server: a request has arrived, and is answered; what came behind its head is for
  /// ``receive(_:at:)``.
  ///
  /// - Parameters:
  ///   - request: The request, valid or not.
  ///   - fields: Further fields of the usual response, such as Server.
  ///   - now: The time.
  public func open(
    answering request: RequestHead, fields: HTTPFields = HTTPFields(),
    at now: ContinuousClock.Instant
  ) {
    precondition(role == .server && state == .connecting, "a connection is opened once")
    recorder.begin(at: now)
    facts.request = request
    // The head was read, so it can be written.
    try? request.write(to: &requestHead)
    record(requestHead, isSent: false, at: now)
    let refusal = Self.refusal(of: request)
    facts.requestComplaint = refusal?.reason
    if let refusal, !playedCase.concernsOpening {
      refusal.write(to: &responseHead)
      record(responseHead, isSent: true, at: now)
      enqueueHead(responseHead, .together)
      openingFailed("the request is not valid: \(refusal.reason)", wish: .close, at: now)
      return
    }
    let opening = ServerOpening(to: request, of: playedCase, fields: fields)
    serverOpening = opening
    usualHead = opening.response
    if !playedCase.hasScriptedOpening { send(HeadScript(.response), at: now) }
    if !facts.lacksCompression { runSteps(at: now) }
  }

  /// Why a server must refuse the request; nil if it need not.
  private static func refusal(of request: RequestHead) -> HandshakeRefusal? {
    do {
      guard try HandshakeRequest.validate(request) == nil else { return nil }
      return HandshakeRefusal(.upgradeRequired, "it does not ask for WebSocket")
    } catch {
      return error
    }
  }

  // MARK: Sending

  /// Sends our half of the handshake, as the script wants it.
  func send(_ script: HeadScript, at now: ContinuousClock.Instant) {
    guard let usualHead, (script.kind == .request) == (role == .client) else { return }
    let head = ComposedHead(script, usual: usualHead, elsewhere: elsewhere)
    let octets = head.octets
    record(octets, isSent: true, at: now)
    enqueueHead(octets, script.delivery)
    switch role {
    case .client:
      Self.keep(octets, in: &requestHead)
      if expectedResponse == nil { expectedResponse = ExpectedResponse(answering: head) }
    case .server:
      Self.keep(octets, in: &responseHead)
      guard state == .connecting, !script.isUnfinished else { return }
      switch head.statusCode {
      case 101: opened(compression: serverOpening?.compression(after: head), at: now)
      // RFC 9110 §15.2: the answer itself is still to come.
      case .some(100..<200): break
      default: facts.refusedByUs = true
      }
    }
  }

  private func enqueueHead(_ octets: [UInt8], _ delivery: Delivery) {
    headByteCount += octets.count
    enqueue(delivery) { $0 += octets }
  }

  private func record(_ head: [UInt8], isSent: Bool, at now: ContinuousClock.Instant) {
    recorder.head(head, isSent: isSent, at: now)
  }

  private static func keep(_ octets: [UInt8], in head: inout [UInt8]) {
    head += octets.prefix(max(0, AnswerReading.keptByteCount - head.count))
  }

  // MARK: Waiting

  /// The steps go on when the connection is open, which it must be before long.
  func awaitOpen(at now: ContinuousClock.Instant) {
    isAwaitingOpen = true
    arm(.opening, after: settings.openingTimeout, at: now)
  }

  /// The connection is open: the steps go on, if they waited for it.
  func opened(
    compression: PerMessageDeflate.Agreement?, answer: ExtensionElement? = nil,
    at now: ContinuousClock.Instant
  ) {
    state = .open
    openedAt = now
    facts.isOpened = true
    agreement = compression
    if compression != nil { decompressor = BoxedDecompressor(compression, role: role) }
    disarmOpening()
    if let policy = playedCase.compression, !mayPlay(policy, answer: answer, at: now) {
      isAwaitingOpen = false
      sendClose(code: 1000, at: now)
      return
    }
    armPing(at: now)
    if isAwaitingOpen {
      isAwaitingOpen = false
      runSteps(at: now)
    } else if role == .client {
      closeIfOver(at: now)
    }
  }

  /// Whether what was agreed on, and the server's words for it, are what the case wants.
  private func mayPlay(
    _ policy: CompressionPolicy, answer: ExtensionElement?, at now: ContinuousClock.Instant
  ) -> Bool {
    if !policy.isPermitted(answer) {
      facts.wrongAnswer = answer?.description
      recorder.note("the answer is not one of those that the case permits", at: now)
      return false
    }
    facts.lacksCompression = !policy.isPlayable(under: agreement, as: role)
    return !facts.lacksCompression
  }

  /// Closes where the case asks for nothing but an opening.
  func closeIfOver(at now: ContinuousClock.Instant) {
    guard state == .open, playedCase.concernsOpening, nextStep == playedCase.steps.count,
      timers.allSatisfy({ !$0.kind.isResume })
    else { return }
    closeIfComplete(at: now)
  }

  // MARK: Receiving

  /// The peer's octets while the connection is not open; returns how many belong to the handshake.
  func receiveOpening(_ bytes: Span<UInt8>, at now: ContinuousClock.Instant) -> Int {
    guard role == .client else {
      receiveEarly(bytes, at: now)
      return bytes.count
    }
    if facts.isRefused {
      receiveAfterRefusal(bytes, at: now)
      return bytes.count
    }
    switch answer.receive(bytes) {
    case .needsMore: return bytes.count
    case .unreadable(let error):
      facts.answer = .unreadable(error.reason)
      record(answer.octets, isSent: false, at: now)
      let failure = HandshakeFailure.unreadable(error)
      responseHead = answer.octets
      openingFailed(String(describing: failure), at: now)
      return bytes.count
    case .complete(let head, let byteCount):
      record(answer.octets, isSent: false, at: now)
      take(head, at: now)
      let rest = bytes.extracting(droppingFirst: byteCount)
      if state == .closed, rest.count > 0 {
        recorder.octets(rest, isSent: false, at: now)
      } else if facts.isRefused, rest.count > 0 {
        receiveAfterRefusal(rest, at: now)
        return bytes.count
      }
      return byteCount
    }
  }

  private func take(_ head: ResponseHead, at now: ContinuousClock.Instant) {
    responseHead = answer.octets
    do {
      let expected = expectedResponse ?? ExpectedResponse(acceptValue: nil)
      let established = try expected.validate(head)
      facts.answer = .head(head, complaint: nil)
      opened(
        compression: established.compression,
        answer: head.fields[.secWebSocketExtensions].flatMap(ExtensionElement.parse)?.first,
        at: now)
    } catch {
      let failure = String(describing: error)
      facts.answer = .head(head, complaint: head.status.code == 101 ? failure : nil)
      if case .invalidExtensions = error, openedAnyway(by: head, at: now) { return }
      // What becomes of our frames now is what the case is about.
      if playedCase.checks.contains(.noTunnel), head.status.code != 101 { return }
      openingFailed(failure, at: now)
    }
  }

  /// Opens a connection whose compression answers none of our offers, as the established suite does.
  ///
  /// In the alias view its cases are played under what the server says; ours holds the answer
  /// against it.
  private func openedAnyway(by head: ResponseHead, at now: ContinuousClock.Instant) -> Bool {
    guard !playedCase.aliases.isEmpty, playedCase.compression != nil,
      let elements = head.fields[.secWebSocketExtensions].flatMap(ExtensionElement.parse),
      elements.count == 1, elements[0].name == PerMessageDeflate.name,
      let response = PerMessageDeflate.Response(elements[0])
    else { return false }
    let agreement = PerMessageDeflate.Agreement(
      serverNoContextTakeover: response.serverNoContextTakeover,
      clientNoContextTakeover: response.clientNoContextTakeover,
      serverMaxWindowBits: response.serverMaxWindowBits ?? 15,
      clientMaxWindowBits: response.clientMaxWindowBits ?? 15)
    recorder.note("the server's extensions answer none of our offers", at: now)
    opened(compression: agreement, answer: elements[0], at: now)
    return true
  }

  /// What a server sends behind an answer that refused; ours are no frames to it any more.
  private func receiveAfterRefusal(_ bytes: Span<UInt8>, at now: ContinuousClock.Instant) {
    recorder.octets(bytes, isSent: false, at: now)
    let room = AnswerReading.keptByteCount - facts.octetsAfterRefusal.count
    bytes.extracting(first: max(0, room)).append(to: &facts.octetsAfterRefusal)
  }

  /// What a client sends before it is answered, or after a refusal.
  private func receiveEarly(_ bytes: Span<UInt8>, at now: ContinuousClock.Instant) {
    recorder.octets(bytes, isSent: false, at: now)
    // After a refusal it may ask again, for example with credentials.
    if facts.refusedByUs, bytes.count > 0, (0x41...0x5a).contains(bytes[0]) {
      recorder.note("the client sent another request", at: now)
      return
    }
    if facts.refusedByUs {
      facts.violations = ["octets after it was refused"]
    } else {
      facts.spokeEarly = true
    }
  }

  // MARK: Failing

  /// The opening handshake failed; what follows is ``connectionLost(_:at:)``.
  public func openingFailed(
    _ reason: String, timedOut: Bool = false, wish: Wish = .abort,
    at now: ContinuousClock.Instant? = nil
  ) {
    guard state == .connecting else { return }
    facts.openingFailure = reason
    facts.openingTimedOut = timedOut
    facts.droppedByUs = true
    state = .closed
    self.wish = wish
    if let now { recorder.note(reason, at: now) }
  }

  func openingTimedOut(at now: ContinuousClock.Instant) {
    guard !facts.isRefused else { return openingFailed("the server refused", at: now) }
    openingFailed(
      role == .client ? "no answer to the handshake in time" : "the client kept TCP open",
      timedOut: true, at: now)
  }

  /// TCP ended while the connection was not open.
  func lostWhileOpening(_ end: String, at now: ContinuousClock.Instant) {
    guard facts.openingFailure == nil else { return }
    if role == .client, !answer.octets.isEmpty, !facts.isRefused {
      facts.answer = .unreadable("it ends inside the head")
      responseHead = answer.octets
      record(answer.octets, isSent: false, at: now)
    }
    facts.openingFailure =
      role == .client ? "\(end) before the server answered the handshake" : end
  }
}
