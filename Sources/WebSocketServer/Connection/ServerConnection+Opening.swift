import HTTP
import Logging
import Transport
import WebSocketProtocol

/// What only a connection needs that waits for a request, or answers one.
final class OpeningState {
  let listenerIndex: Int
  let peerAddress: SocketAddress?
  /// Accepted only to be told that the server is full.
  let isOverLimit: Bool
  /// Nanoseconds of the server's life when the connection came.
  var acceptedAt: Int64 = 0
  var handshake: ServerHandshake
  /// The ordinary request that is being answered.
  var exchange: HTTPExchange?
  /// Whether it is still to be decided whether the client may come in.
  var isDeciding = false
  /// Whether the octets of a read are being handled.
  var isInBatch = false
  /// Output pending at the last look, to see whether a client that is answered makes progress.
  var pendingAtLastLook = 0

  init(
    listenerIndex: Int, peerAddress: SocketAddress?, isOverLimit: Bool, limits: HeadLimits
  ) {
    self.listenerIndex = listenerIndex
    self.peerAddress = peerAddress
    self.isOverLimit = isOverLimit
    handshake = ServerHandshake(limits: limits)
  }

  /// Whether what comes next must wait: for a decision, or for the end of an answer.
  var isWaiting: Bool { isDeciding || exchange?.isRequestComplete == true }
}

/// From the first octet to the end of the opening handshake (RFC 6455 §4.2).
extension ServerConnection {
  /// Handles requests, one after the other, until one opens the WebSocket or ends the connection.
  func receiveRequests(_ bytes: inout MutableSpan<UInt8>) {
    guard !isHolding, let first = opening, !first.isWaiting else {
      return holdRequests(bytes.span)
    }
    guard !handOver(bytes.span) else { return }
    var output = host.takeOutput()
    var position = 0
    first.isInBatch = true
    while phase == .opening, let opening, position < bytes.count, !opening.isWaiting,
      pendingByteCount <= host.queueLimit
    {
      let rest = bytes.span.extracting(droppingFirst: position)
      if let exchange = opening.exchange {
        position += exchange.receive(rest)
        continue
      }
      switch opening.handshake.receive(rest) {
      case .needsMore:
        position = bytes.count
      case .upgrade(let request, let byteCount):
        position += byteCount
        decide(request, opening, &output)
      case .ordinary(let head, let byteCount):
        position += byteCount
        answer(head, opening, &output)
      case .refused(let refusal, let head):
        refuse(refusal, omitsBody: head?.method == .head, &output)
      }
    }
    first.isInBatch = false
    if !output.isEmpty { write(output.span) }
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
    case .opening:
      if position < bytes.count { holdRequests(bytes.span.extracting(droppingFirst: position)) }
      watchExchange()
    case .raw, .gone: break
    }
  }

  /// The client opens a WebSocket, and may.
  func upgrade(
    _ request: HandshakeRequest, _ principal: Principal?, _ opening: OpeningState,
    _ output: inout [UInt8]
  ) {
    let context = host.context
    let facts = OpeningRequest(
      connectionID: id, listenerIndex: opening.listenerIndex, peerAddress: opening.peerAddress,
      localAddress: localAddress, handshake: request, principal: principal, tls: tlsFacts)
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

  func refuse(
    _ refusal: HandshakeRefusal, omitsBody: Bool, _ output: inout [UInt8]
  ) {
    host.context.responder.write(
      PlainResponse(status: refusal.status, fields: refusal.fields, text: refusal.reason),
      omitsBody: omitsBody, closes: true, to: &output)
    phase = .draining
    noteRefusal(refusal.status.code, refusal.reason)
  }

  func noteRefusal(_ status: Int, _ reason: String) {
    let context = host.context
    StatisticsCounters.add(1, to: context.statistics.refused)
    context.observe(.refused(id, status: status, reason: reason))
    context.log.write(
      .info, .refused, at: loop.now, "request refused",
      metadata: ["id": "\(id)", "status": "\(status)", "reason": "\(reason)"])
  }

  func refuseOverLimit(_ output: inout [UInt8]) {
    refuse(
      HandshakeRefusal(
        .serviceUnavailable, host.context.configuration.busyMessage,
        fields: [.retryAfter: "10"]),
      omitsBody: false, &output)
  }

  /// No complete request in time: 408 for one that has begun, silence for one that has not.
  func openingTimedOut() {
    guard let opening else { return }
    if pendingByteCount > 0 { return answerIsLate(opening) }
    guard !opening.isDeciding else { return }
    if let exchange = opening.exchange { return exchange.deadlineReached() }
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
