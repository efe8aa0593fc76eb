import Logging
import Synchronization
import Transport
import WebSocketProtocol

/// The loop's end of an `AsyncConnection`: runs the body as a task, and carries messages to and fro.
final class AsyncConnectionBridge: ConnectionHandler {
  private let request: OpeningRequest
  private let body: @Sendable (AsyncConnection) async throws -> Void
  private var peer: AsyncConnection?
  private var task: Task<Void, Never>?
  private weak var connection: ServerConnection?

  init(
    request: OpeningRequest, body: @escaping @Sendable (AsyncConnection) async throws -> Void
  ) {
    self.request = request
    self.body = body
  }

  func opened(_ active: inout ActiveConnection) {
    let connection = active.handle
    self.connection = connection
    connection.pauseForConsumer()
    let peer = AsyncConnection(request: request, loop: connection.loop)
    let bound = LoopBound(self, on: connection.loop)
    let limit = connection.host.queueLimit
    peer.exchange.withLock {
      $0.bridge = bound
      $0.queueLimit = limit
    }
    self.peer = peer
    let context = connection.host.context
    context.life.begin()
    let body = self.body
    let host = LoopBound(connection.host, on: connection.loop)
    let task = Task {
      do {
        try await body(peer)
        peer.close(.normalClosure)
      } catch is CancellationError {
        peer.close(.goingAway)
      } catch {
        context.log.write(
          .warning, .handler, at: .now, "handler failed",
          metadata: ["id": "\(peer.request.connectionID)", "error": "\(type(of: error))"])
        peer.close(.internalError)
      }
      context.connectionEnded()
      host.execute { $0.taskEnded(of: peer.request.connectionID) }
    }
    self.task = task
    connection.host.add(task, of: connection.id)
  }

  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    guard let peer else { return }
    // A closing connection reads on regardless.
    if connection.canSend { connection.handle.pauseForConsumer() }
    let message = Message(kind, payload.copied())
    let consumer = peer.exchange.withLock { exchange in
      let consumer = exchange.consumer
      exchange.consumer = nil
      if consumer == nil { exchange.stash = message }
      return consumer
    }
    consumer?.resume(returning: message)
  }

  func receivedFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFirst: Bool, isFinal: Bool,
    on connection: inout ActiveConnection
  ) {
    received(kind, payload, on: &connection)
  }

  func readyToSend(_ connection: inout ActiveConnection) {
    resumeSenders(queuedByteCount: connection.queuedByteCount)
  }

  func closed(_ connection: ServerConnection, _ closure: ConnectionClosure) {
    self.connection = nil
    guard let peer else { return }
    let (consumer, senders) = peer.exchange.withLock { exchange in
      let waiting = (exchange.consumer, exchange.senders)
      exchange.end = closure
      exchange.consumer = nil
      exchange.senders = []
      exchange.outbox = []
      exchange.bridge = nil
      return waiting
    }
    consumer?.resume(returning: nil)
    for sender in senders { sender.resume() }
    if !closure.wasClean { task?.cancel() }
    self.peer = nil
    task = nil
  }

  /// Carries out what the tasks have ordered; then lets the next message come if one is asked for.
  func serve() {
    guard let peer, let connection else { return }
    let (orders, isAsking) = peer.exchange.withLock { exchange in
      let work = (exchange.outbox, exchange.isAsking)
      exchange.outbox.removeAll(keepingCapacity: true)
      exchange.isAsking = false
      exchange.isWakePending = false
      return work
    }
    var isOpen = false
    connection.activate { active in
      for order in orders { Self.carryOut(order, on: &active) }
      isOpen = active.canSend
    }
    resumeSenders(queuedByteCount: connection.pendingByteCount)
    if isAsking || !isOpen { connection.resumeForConsumer() }
  }

  private static func carryOut(_ order: Exchange.Order, on active: inout ActiveConnection) {
    switch order {
    case .message(let message): try? active.put(message.kind, message.bytes.span)
    case .ping(let payload): try? active.ping(payload.span)
    case .close(let code, let reason): active.close(code, reason: reason)
    }
  }

  /// Lets those go on who wait for room in the queue, if there is some.
  private func resumeSenders(queuedByteCount: Int) {
    guard let peer else { return }
    let senders = peer.exchange.withLock { exchange in
      exchange.queuedByteCount = queuedByteCount + exchange.outboxByteCount
      guard !exchange.isCongested else { return [CheckedContinuation<Void, Never>]() }
      let senders = exchange.senders
      exchange.senders = []
      return senders
    }
    for sender in senders { sender.resume() }
  }
}
