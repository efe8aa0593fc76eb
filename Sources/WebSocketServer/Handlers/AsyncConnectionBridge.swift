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
  /// The messages for a consumer on this loop; nil once they lie in the exchange.
  private let inbox = LoopCell<Inbox?>(Inbox())
  /// The stream of fragments that is under way.
  private var currentStream: Int?
  /// What has to wait until a message in pieces is complete.
  private var waiting: [Exchange.Order] = []
  private var waitingByteCount = 0
  /// The connection while it is open, which owns this and is let go of at its end.
  ///
  /// A weak reference would make every counting of it slower.
  private var connection: ServerConnection?

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
    let peer = AsyncConnection(request: request, of: connection, bridge: self)
    self.peer = peer
    let context = connection.host.context
    context.life.begin()
    let body = self.body
    let host = LoopBound(connection.host, on: connection.loop)
    let task = Task(executorPreference: executor.taskExecutor(on: connection.loop)) {
      await peer.handle(with: body, in: context)
      context.connectionEnded()
      host.execute { $0.taskEnded(of: peer.id) }
    }
    self.task = task
    connection.host.add(task, of: connection.id)
  }

  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    deliver(Message(kind, payload.copied()), on: &connection)
  }

  private func deliver(_ message: consuming Message, on connection: inout ActiveConnection) {
    let canHoldBack = connection.canSend
    if canHoldBack { connection.handle.pauseForConsumer() }
    switch offer(message, canHoldBack: canHoldBack) {
    case .taken(let consumer, let message):
      consumer.resume(returning: message)
      if case .loop = executor { connection.handle.loop.tasksWereHanded(message.bytes.count) }
    case .full: connection.handle.pauses.insert(.full)
    case .kept, nil: break
    }
  }

  private func offer(_ message: consuming Message, canHoldBack: Bool) -> Inbox.Offered? {
    if inbox.value != nil { return inbox.value?.offer(message, canHoldBack: canHoldBack) }
    let message = message
    return peer?.exchange.withLock { $0.inbox?.offer(message, canHoldBack: canHoldBack) }
  }

  func receivedFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFirst: Bool, isFinal: Bool,
    on connection: inout ActiveConnection
  ) {
    deliver(Message(kind, payload.copied(), isFirst: isFirst, isFinal: isFinal), on: &connection)
  }

  func readyToSend(_ connection: inout ActiveConnection) {
    resumeSenders(queuedByteCount: connection.queuedByteCount)
  }

  func closed(_ connection: ServerConnection, _ closure: ConnectionClosure) {
    self.connection = nil
    guard let peer else { return }
    let (consumer, claimed, senders, orders) = peer.exchange.withLock { exchange in
      exchange.end = closure
      let consumer = inbox.value?.end() ?? exchange.inbox?.end()
      let claimed = handOver(to: &exchange)
      let waiting = (consumer, claimed, exchange.senders, exchange.outbox)
      exchange.senders = []
      exchange.outbox = []
      peer.hasOrders.store(false, ordering: .relaxed)
      return waiting
    }
    consumer?.resume(returning: nil)
    if let claimed { claimed.taken.resume(claimed.consumer) }
    for sender in senders { sender.resume(returning: ()) }
    for order in orders + waiting { order.fail() }
    waiting = []
    if !closure.wasClean { task?.cancel() }
    self.peer = nil
    task = nil
  }

  /// Carries out what tasks elsewhere have ordered, and reads on if the consumer has made room.
  func serve() {
    guard let peer, let connection else { return }
    let (orders, claimed, isAsking) = peer.exchange.withLock { exchange in
      let orders = exchange.outbox
      exchange.outbox.removeAll(keepingCapacity: true)
      exchange.outboxByteCount = 0
      exchange.isWakePending = false
      peer.hasOrders.store(false, ordering: .relaxed)
      let claimed = exchange.claimant == nil ? nil : handOver(to: &exchange)
      return (orders, claimed, exchange.inbox?.takeAsking() ?? false)
    }
    if let claimed { claimed.taken.resume(claimed.consumer) }
    for order in orders { carry(order, connection) }
    connection.host.flushGathered()
    resumeSenders(queuedByteCount: connection.pendingByteCount)
    if isAsking || connection.isClosing { connection.resumeForConsumer() }
  }

  /// Puts the messages where a consumer elsewhere finds them; returns the one that waits for that, and what it gets.
  private func handOver(
    to exchange: inout Exchange
  ) -> (consumer: TaskContinuation<Message?>, taken: Inbox.Taken)? {
    if let inbox = inbox.value.take() { exchange.inbox = inbox }
    guard let claimant = exchange.claimant.take(),
      let taken = exchange.inbox?.take(for: claimant)
    else { return nil }
    return (claimant, taken)
  }

  /// Carries one order out, from a task on the loop; `false` if the next one should wait, nil if the connection
  /// has ended.
  ///
  /// What is sent gathers until the task rests: one write carries the answers to all messages of a read.
  func carryOut(_ order: Exchange.Order) -> Bool? {
    guard let connection else { return nil }
    carry(order, connection)
    return hasRoom(connection)
  }

  /// Sends a message, as `carryOut(_:)` does.
  func carryOut(_ message: Message) -> Bool? {
    guard let connection else { return nil }
    if mustWait(for: nil, connection) { wait(.message(message)) } else { send(message, connection) }
    return hasRoom(connection)
  }

  /// Whether the next message may be sent at once.
  private func hasRoom(_ connection: ServerConnection) -> Bool {
    let pending = connection.pendingByteCount + waitingByteCount
    guard pending > connection.host.queueLimit else { return true }
    peer?.exchange.withLock { $0.queuedByteCount = pending }
    return false
  }

  private func send(_ message: Message, _ connection: ServerConnection) {
    connection.gather { active in
      guard (try? active.put(message.kind, message.bytes.span)) != nil else { return }
      active.countMessage()
    }
  }

  private func carry(_ order: Exchange.Order, _ connection: ServerConnection) {
    switch order {
    case .message where mustWait(for: nil, connection):
      wait(order)
    case .message(let message):
      send(message, connection)
    case .ping(let payload):
      connection.gather { try? $0.ping(payload.span) }
    case .close(let code, let reason):
      connection.gather { $0.close(code, reason: reason) }
      connection.host.flushGathered()
      connection.resumeForConsumer()
    case .disconnect:
      connection.host.flushGathered()
      connection.disconnect()
    case .subscribe(let channel): connection.subscribe(to: channel)
    case .unsubscribe(let channel): connection.unsubscribe(from: channel)
    case .fragment(_, _, let stream, _) where mustWait(for: stream, connection):
      wait(order)
    case .fragment(let kind, let octets, let stream, let isFinal):
      connection.gather { try? $0.putFragment(kind, octets.span, isFinal: isFinal) }
      currentStream = isFinal ? nil : stream
      guard isFinal else { return }
      connection.host.flushGathered()
      connection.feedQueue()
      carryWaiting()
    case .stream where currentStream != nil:
      wait(order)
    case .stream(let kind, let source, let completion):
      connection.host.flushGathered()
      connection.send(kind, from: source) { [weak self] result in
        completion(result)
        self?.carryWaiting()
      }
    }
  }

  /// Whether a message in pieces is under way that is not `stream`.
  private func mustWait(for stream: Int?, _ connection: ServerConnection) -> Bool {
    if let currentStream { return currentStream != stream }
    return connection.isStreaming
  }

  private func wait(_ order: Exchange.Order) {
    waiting.append(order)
    waitingByteCount += order.byteCount
  }

  /// Carries out what has waited; some of it may have to wait again.
  private func carryWaiting() {
    guard let connection, !waiting.isEmpty else { return }
    let orders = waiting
    waiting = []
    waitingByteCount = 0
    for order in orders { carry(order, connection) }
    resumeSenders(queuedByteCount: connection.pendingByteCount)
  }

  /// What there is for a consumer on the loop; nil if the messages lie in the exchange.
  func take() -> Inbox.Taken? { inbox.value?.take() }

  /// Has a consumer on the loop go on with the next message, once there is one; `false` if they lie in the exchange.
  func give(to consumer: TaskContinuation<Message?>) -> Bool {
    guard let taken = inbox.value?.take(for: consumer) else { return false }
    taken.resume(consumer)
    if inbox.value?.takeAsking() == true, let connection {
      connection.host.flushGathered()
      connection.resumeForConsumer()
    }
    return true
  }

  /// Lets those go on who wait for room in the queue, if there is some.
  private func resumeSenders(queuedByteCount: Int) {
    guard let peer else { return }
    let waitingByteCount = self.waitingByteCount
    let senders = peer.exchange.withLock { exchange in
      exchange.queuedByteCount = queuedByteCount + exchange.outboxByteCount + waitingByteCount
      guard !exchange.isCongested else { return [TaskContinuation<Void>]() }
      let senders = exchange.senders
      exchange.senders = []
      return senders
    }
    for sender in senders { sender.resume(returning: ()) }
  }
}

extension AsyncConnection {
  /// Runs the handler's body, to whose end the connection is closed.
  fileprivate func handle(
    with body: @Sendable (AsyncConnection) async throws -> Void, in context: ServerContext
  ) async {
    let identity = TaskIdentity.current
    exchange.withLock { $0.handlerTask = identity }
    await withTaskCancellationHandler {
      do {
        try await body(self)
        close(.normalClosure)
      } catch is CancellationError {
        close(.goingAway)
      } catch {
        context.handlerFailed(error, id: id)
        close(.internalError)
      }
    } onCancel: {
      close(.goingAway)
    }
  }
}
