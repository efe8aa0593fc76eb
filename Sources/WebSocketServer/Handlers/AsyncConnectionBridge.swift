import Logging
import Synchronization
import Transport
import WebSocketProtocol

/// The loop's end of an `AsyncConnection`: runs the body as a task, and carries messages to and fro.
final class AsyncConnectionBridge: ConnectionHandler {
  private let request: OpeningRequest
  private let executor: HandlerExecutor
  private let body: @Sendable (AsyncConnection) async throws -> Void
  private var peer: AsyncConnection?
  private var task: Task<Void, Never>?
  private weak var connection: ServerConnection?

  init(
    request: OpeningRequest, executor: HandlerExecutor,
    body: @escaping @Sendable (AsyncConnection) async throws -> Void
  ) {
    self.request = request
    self.executor = executor
    self.body = body
  }

  func opened(_ active: inout ActiveConnection) {
    let connection = active.handle
    self.connection = connection
    connection.pauseForConsumer()
    let peer = AsyncConnection(
      request: request, loop: connection.loop, bridge: self, queueLimit: connection.host.queueLimit)
    self.peer = peer
    let context = connection.host.context
    context.life.begin()
    let body = self.body
    let host = LoopBound(connection.host, on: connection.loop)
    let task = Task(executorPreference: executor.taskExecutor(on: connection.loop)) {
      do {
        try await body(peer)
        peer.close(.normalClosure)
      } catch is CancellationError {
        peer.close(.goingAway)
      } catch {
        context.handlerFailed(error, id: peer.id)
        peer.close(.internalError)
      }
      context.connectionEnded()
      host.execute { $0.taskEnded(of: peer.id) }
    }
    self.task = task
    connection.host.add(task, of: connection.id)
  }

  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    guard let peer else { return }
    let message = Message(kind, payload.copied())
    let canHoldBack = connection.canSend
    if canHoldBack { connection.handle.pauseForConsumer() }
    var isFull = false
    let consumer = peer.exchange.withLock { exchange in
      let consumer = exchange.consumer
      exchange.consumer = nil
      exchange.isHeldBack = canHoldBack
      if consumer == nil { isFull = exchange.store(message, canHoldBack: canHoldBack) }
      return consumer
    }
    if let consumer {
      consumer.resume(returning: message)
    } else if isFull {
      connection.handle.pauses.insert(.full)
    }
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

  /// Carries out what tasks elsewhere have ordered, and reads on if the consumer has made room.
  func serve() {
    guard let peer, let connection else { return }
    let (orders, isAsking) = peer.exchange.withLock { exchange in
      let orders = exchange.outbox
      exchange.outbox.removeAll(keepingCapacity: true)
      exchange.outboxByteCount = 0
      exchange.isWakePending = false
      return (orders, exchange.takeAsking())
    }
    for order in orders { carry(order, connection) }
    connection.host.flushGathered()
    resumeSenders(queuedByteCount: connection.pendingByteCount)
    if isAsking || connection.isClosing { connection.resumeForConsumer() }
  }

  /// Carries one order out, from a task on the loop; `false` if the next one should wait.
  ///
  /// What is sent gathers until the task rests: one write carries the answers to all messages of a read.
  func carryOut(_ order: Exchange.Order) -> Bool {
    guard let connection else { return true }
    carry(order, connection)
    guard connection.pendingByteCount > connection.host.queueLimit else { return true }
    let pending = connection.pendingByteCount
    peer?.exchange.withLock { $0.queuedByteCount = pending }
    return false
  }

  private func carry(_ order: Exchange.Order, _ connection: ServerConnection) {
    switch order {
    case .message(let message):
      connection.gather { try? $0.put(message.kind, message.bytes.span) }
    case .ping(let payload):
      connection.gather { try? $0.ping(payload.span) }
    case .close(let code, let reason):
      connection.gather { $0.close(code, reason: reason) }
      connection.host.flushGathered()
      connection.resumeForConsumer()
    case .disconnect:
      connection.host.flushGathered()
      connection.disconnect()
    }
  }

  /// Goes on reading for a consumer, which has taken what there was.
  func resumeReading() {
    guard let connection else { return }
    connection.host.flushGathered()
    connection.resumeForConsumer()
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
