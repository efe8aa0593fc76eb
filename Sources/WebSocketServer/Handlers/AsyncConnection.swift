import Synchronization
public import Transport
public import WebSocketProtocol

/// One client's connection, for tasks: messages come as an asynchronous sequence.
///
/// The handler's task runs on the connection's own loop unless the factory says otherwise, so a message
/// costs no change of thread. What was read and not yet asked for is bounded; beyond that nothing more is
/// read, so a consumer that lags slows its peer down through TCP. Sending waits while more output is
/// queued than the configuration allows. All methods may be called from any task.
public final class AsyncConnection: Sendable {
  /// The client's opening handshake.
  public let request: OpeningRequest

  /// The server that the connection belongs to, to broadcast for example.
  public let server: WebSocketServer

  /// The loop that the connection lives on; a task that prefers it as its executor never hops.
  public let loop: EventLoop

  let exchange: Mutex<Exchange>
  /// The loop's end.
  private let bridge: LoopBound<AsyncConnectionBridge>
  /// Whether there are orders for the loop in ``exchange``.
  let hasOrders = Atomic(false)

  init(request: OpeningRequest, of connection: ServerConnection, bridge: AsyncConnectionBridge) {
    self.request = request
    server = connection.server
    loop = connection.loop
    self.bridge = LoopBound(bridge, on: loop)
    exchange = Mutex(Exchange(queueLimit: connection.host.queueLimit))
  }

  /// The connection's number, unique in the life of the server.
  public var id: ConnectionID { request.connectionID }

  /// The messages of the peer, in order, until the connection ends; for one consumer.
  public var messages: AsyncMessages { AsyncMessages(connection: self) }

  /// Whether a message sent now would go out without waiting for the peer.
  public var isReadyToSend: Bool {
    exchange.withLock { $0.end == nil && !$0.isCongested }
  }

  /// Octets sent that the peer has not taken yet.
  public var queuedByteCount: Int { exchange.withLock { $0.queuedByteCount } }

  /// Sends a message; waits while too much output is queued.
  ///
  /// - Throws: ``AsyncConnectionError`` once the connection has ended, `CancellationError` if the task
  ///   was cancelled while it waited.
  @inlinable @inline(__always)
  public func send(_ message: Message) async throws {
    guard try sendNow(message) else { return try await waitForRoom() }
  }

  /// Sends a text message; waits while too much output is queued.
  public func send(_ text: String) async throws {
    try await send(Message(text))
  }

  /// Sends a Ping with at most 125 octets.
  public func ping(_ payload: [UInt8] = []) {
    deliver(.ping(payload))
  }

  /// Begins the closing handshake; `messages` ends when it is complete.
  public func close(_ code: CloseCode = .normalClosure, reason: String = "") {
    deliver(.close(code, reason))
  }

  /// Ends the connection at once, without a closing handshake.
  public func disconnect() {
    deliver(.disconnect)
  }

  /// Subscribes the connection to a channel, until it ends; see ``WebSocketServer/broadcast(_:to:excluding:completion:)``.
  public func subscribe(to channel: String) {
    deliver(.subscribe(channel))
  }

  /// Ends a subscription.
  public func unsubscribe(from channel: String) {
    deliver(.unsubscribe(channel))
  }

  /// Waits until what was sent has gone to the kernel as far as the queue's bound asks.
  ///
  /// - Throws: As ``send(_:)-(Message)``.
  public func waitUntilReadyToSend() async throws {
    if let end = exchange.withLock({ $0.end }) { throw AsyncConnectionError.closed(end) }
    try await waitForRoom()
  }

  /// Sends a message; `false` if the next one should wait.
  @usableFromInline
  func sendNow(_ message: Message) throws -> Bool {
    if let hasRoom = onLoop({ $0.carryOut(message) }) { return hasRoom }
    switch leave(.message(message)) {
    case .done: return true
    case .mustWait: return false
    case .ended(let end): throw AsyncConnectionError.closed(end)
    }
  }

  /// Carries an order out at once where this is the loop, and else leaves it there.
  @discardableResult
  func deliver(_ order: Exchange.Order) -> Exchange.Ticket {
    guard let hasRoom = onLoop({ $0.carryOut(order) }) else { return leave(order) }
    return hasRoom ? .done : .mustWait
  }

  /// Has the loop's end do something at once; nil where this is not the loop, where the connection has ended, or
  /// where others have left orders that come first.
  private func onLoop(_ body: (AsyncConnectionBridge) -> Bool?) -> Bool? {
    bridge.ifOnLoop { hasOrders.load(ordering: .acquiring) ? nil : body($0) }
  }

  /// Leaves an order for the loop.
  private func leave(_ order: Exchange.Order) -> Exchange.Ticket {
    let (ticket, mustWake) = exchange.withLock { exchange -> (Exchange.Ticket, Bool) in
      if let end = exchange.end { return (.ended(end), false) }
      hasOrders.store(true, ordering: .releasing)
      exchange.outbox.append(order)
      exchange.outboxByteCount += order.byteCount
      exchange.queuedByteCount += order.byteCount
      return (exchange.isCongested ? .mustWait : .done, exchange.needsWake())
    }
    if mustWake { wakeLoop() }
    return ticket
  }

  /// What there is for the consumer now.
  @usableFromInline
  func take() -> Inbox.Taken {
    bridge.ifOnLoop { $0.take() } ?? exchange.withLock { $0.inbox?.take() ?? .wait }
  }

  /// Waits for a message when there is none; each function on the way costs a task on its way back.
  @usableFromInline
  func waitForMessage() async -> Message? {
    let identity = TaskIdentity.current
    guard identity == nil || identity != exchange.withLock({ $0.handlerTask }) else {
      return await TaskContinuation.wait { ask($0) }
    }
    // A child task of the handler's, or another altogether, may be cancelled on its own.
    return await withTaskCancellationHandler {
      await TaskContinuation.wait { ask($0) }
    } onCancel: {
      close(.goingAway)
    }
  }

  /// Has `consumer` go on with the next message, or with the end.
  private func ask(_ consumer: TaskContinuation<Message?>) {
    if bridge.ifOnLoop({ $0.give(to: consumer) }) == true { return }
    let (taken, mustWake) = exchange.withLock { $0.take(for: consumer) }
    taken.resume(consumer)
    if mustWake { wakeLoop() }
  }

  @usableFromInline
  func waitForRoom() async throws {
    await TaskContinuation.wait { continuation in
      let mustWait = exchange.withLock { exchange -> Bool in
        guard exchange.end == nil, exchange.isCongested else { return false }
        exchange.senders.append(continuation)
        return true
      }
      if !mustWait { continuation.resume(returning: ()) }
    }
    try Task.checkCancellation()
  }

  private func wakeLoop() {
    bridge.execute { $0.serve() }
  }
}

/// The messages of a peer, in order.
public struct AsyncMessages: AsyncSequence, Sendable {
  let connection: AsyncConnection

  /// Creates the iterator; there is one consumer at a time.
  public func makeAsyncIterator() -> Iterator {
    Iterator(connection: connection)
  }

  /// Asks for one message after the other.
  public struct Iterator: AsyncIteratorProtocol {
    @usableFromInline let connection: AsyncConnection

    /// The next message, or `nil` at the end of the connection; without leaving the caller's actor.
    ///
    /// The parameter is not `isolated`: that would have the task ask for its executor at the beginning and at the
    /// end, although a message that is there needs no wait.
    @inlinable @inline(__always)
    public mutating func next(isolation actor: (any Actor)?) async throws -> Message? {
      switch connection.take() {
      case .item(let message): message
      case .end: nil
      case .wait: await connection.waitForMessage()
      }
    }
  }
}

/// Why sending on an `AsyncConnection` failed.
public enum AsyncConnectionError: Error, Sendable {
  /// The connection has ended.
  case closed(ConnectionClosure)
}
