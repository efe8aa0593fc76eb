import HTTP
import Logging
import Transport
import WebSocketProtocol

/// What only a connection needs that waits for a request.
final class OpeningState {
  let listenerIndex: Int
  let peerAddress: SocketAddress?
  /// Accepted only to be told that the server is full.
  let isOverLimit: Bool
  /// Nanoseconds of the server's life when the connection came.
  var acceptedAt: Int64 = 0
  var handshake: ServerHandshake

  init(
    listenerIndex: Int, peerAddress: SocketAddress?, isOverLimit: Bool, limits: HeadLimits
  ) {
    self.listenerIndex = listenerIndex
    self.peerAddress = peerAddress
    self.isOverLimit = isOverLimit
    handshake = ServerHandshake(limits: limits)
  }
}

/// From the first octet to the end of the opening handshake (RFC 6455 §4.2).
extension ServerConnection {
  /// Handles requests, one after the other, until one opens the WebSocket or ends the connection.
  func receiveRequests(_ bytes: inout MutableSpan<UInt8>) {
    guard !handOver(bytes.span) else { return }
    var output = host.takeOutput()
    var position = 0
    while phase == .opening, let opening, position < bytes.count {
      let outcome = opening.handshake.receive(bytes.span.extracting(droppingFirst: position))
      switch outcome {
      case .needsMore:
        position = bytes.count
      case .upgrade(let request, let byteCount):
        position += byteCount
        upgrade(request, opening, &output)
      case .ordinary(let head, let byteCount):
        position += byteCount
        answer(head, opening, &output)
      case .refused(let refusal, let head):
        refuse(refusal, omitsBody: head?.method == .head, &output)
      }
    }
    if !output.isEmpty { write(output.span) }
    // Who asks and asks without taking the answers is not worth a queue.
    if pendingByteCount > host.queueLimit { abort() }
    output.removeAll(keepingCapacity: true)
    host.giveBack(output: output)
    switch phase {
    case .open:
      // What follows the head in the same read are frames already.
      if position < bytes.count {
        var rest = bytes._mutatingExtracting(position..<bytes.count)
        receiveMessages(&rest)
      }
    case .draining: endTransport(at: loop.now)
    case .opening, .raw, .gone: break
    }
  }

  private func upgrade(
    _ request: HandshakeRequest, _ opening: OpeningState, _ output: inout [UInt8]
  ) {
    let context = host.context
    guard !opening.isOverLimit else { return refuseOverLimit(&output) }
    let facts = OpeningRequest(
      connectionID: id, listenerIndex: opening.listenerIndex, peerAddress: opening.peerAddress,
      localAddress: localAddress, handshake: request)
    switch context.factory.decide(facts) {
    case .refuse(let refusal):
      refuse(refusal, omitsBody: false, &output)
    case .accept(let handler, let chosen, let fields):
      self.handler = handler
      let compression = context.configuration.compression.flatMap {
        PerMessageDeflate.accept(request.extensions, policy: $0.policy)
      }
      var fields = fields
      if let name = context.configuration.serverName { fields[.server] = name }
      let subprotocol = chosen ?? request.subprotocol(among: context.configuration.subprotocols)
      request.writeResponse(
        subprotocol: subprotocol,
        compression: compression?.response, fields: fields, to: &output)
      active = ActiveConnection(
        core: Connection(
          role: .server, configuration: context.connectionConfiguration,
          compression: compression?.agreement), of: self)
      phase = .open
      self.opening = nil
      established(facts, subprotocol: subprotocol, acceptedAt: opening.acceptedAt)
      context.observe(.opened(facts))
      context.log.write(.debug, .opened, at: loop.now, "opened", metadata: ["id": "\(id)"])
      var gathered: [UInt8] = []
      swap(&gathered, &output)
      isActive = true
      let outcome = active.call(of: self, output: gathered) { self.handler.opened(&$0) }
      isActive = false
      settle(outcome, at: loop.now)
    }
  }

  /// Answers an ordinary request and, if the client wants so, waits for the next (RFC 9112 §9.3).
  private func answer(
    _ head: RequestHead, _ opening: OpeningState, _ output: inout [UInt8]
  ) {
    guard !opening.isOverLimit else { return refuseOverLimit(&output) }
    let hasBody =
      head.fields.contains(.transferEncoding)
      || head.fields[values: .contentLength].contains { $0 != "0" }
    // The body of a request nobody handles is not read: the connection ends instead.
    let closes =
      hasBody || head.version < .http11 || head.fields.contains(token: "close", in: .connection)
    let response: PlainResponse
    if head.version >= .http11, head.fields.count(of: .http1Host) != 1 {
      // RFC 9112 §3.2.
      response = PlainResponse(status: .badRequest, text: "There is not exactly one Host field.")
    } else {
      response = host.context.responder.response(to: head)
    }
    host.context.responder.write(
      response, omitsBody: head.method == .head, closes: closes, to: &output)
    if closes {
      phase = .draining
    } else {
      opening.handshake = ServerHandshake(limits: host.context.headLimits)
      deadline = loop.now + host.context.configuration.timeouts.openingHandshake
    }
  }

  private func refuse(
    _ refusal: HandshakeRefusal, omitsBody: Bool, _ output: inout [UInt8]
  ) {
    host.context.responder.write(
      PlainResponse(status: refusal.status, fields: refusal.fields, text: refusal.reason),
      omitsBody: omitsBody, closes: true, to: &output)
    phase = .draining
    let context = host.context
    StatisticsCounters.add(1, to: context.statistics.refused)
    context.observe(.refused(id, status: refusal.status.code, reason: refusal.reason))
    context.log.write(
      .info, .refused, at: loop.now, "request refused",
      metadata: ["id": "\(id)", "status": "\(refusal.status.code)", "reason": "\(refusal.reason)"])
  }

  private func refuseOverLimit(_ output: inout [UInt8]) {
    refuse(
      HandshakeRefusal(
        .serviceUnavailable, host.context.configuration.busyMessage,
        fields: [.retryAfter: "10"]),
      omitsBody: false, &output)
  }

  /// No complete request in time: 408 for one that has begun, silence for one that has not.
  func openingTimedOut() {
    guard let opening else { return }
    let now = loop.now
    if !opening.handshake.isEmpty {
      var output: [UInt8] = []
      refuse(
        HandshakeRefusal(.requestTimeout, "The request did not come in time."), omitsBody: false,
        &output)
      write(output.span)
    }
    host.context.log.write(
      .debug, .timeout, at: now, "no request in time", metadata: ["id": "\(id)"])
    phase = .draining
    endTransport(at: now)
  }
}
