import Synchronization
import Transport
public import WebSocketProtocol

/// One client's connection, for tasks: messages come as an asynchronous sequence.
///
/// The connection reads from the network only when the next message is asked for, so a consumer that
/// lags slows its peer down through TCP and nothing piles up. Sending waits while more output is queued
/// than the configuration allows. All methods may be called from any task.
public final class AsyncConnection: Sendable {
  /// The client's opening handshake.
  public let request: OpeningRequest

  let exchange = Mutex(Exchange())
  private let loop: EventLoop

  init(request: OpeningRequest, loop: EventLoop) {
    self.request = request
    self.loop = loop
  }

  /// The messages of the peer, in order, until the connection ends; for one consumer.
  public var messages: AsyncMessages { AsyncMessages(connection: self) }

  /// Sends a message; waits while too much output is queued.
  public func send(_ message: Message) async throws {
    let ticket = exchange.withLock { exchange -> Exchange.SendTicket in
      if let end = exchange.end { return .ended(end) }
      exchange.outbox.append(.message(message))
      exchange.queuedByteCount += message.bytes.count
      return .queued(wake: exchange.needsWake(), wait: exchange.isCongested)
    }
    switch ticket {
    case .ended(let end): throw AsyncConnectionError.closed(end)
    case .queued(let wake, let wait):
      if wake { wakeLoop() }
      if wait { try await waitForRoom() }
    }
  }

  /// Sends a text message; waits while too much output is queued.
  public func send(_ text: String) async throws {
    try await send(Message(text))
  }

  /// Sends a Ping with at most 125 octets.
  public func ping(_ payload: [UInt8] = []) {
    order(.ping(payload))
  }

  /// Begins the closing handshake; `messages` ends when it is complete.
  public func close(_ code: CloseCode = .normalClosure, reason: String = "") {
    order(.close(code, reason))
  }

  func order(_ order: Exchange.Order) {
    let wake = exchange.withLock { exchange -> Bool in
      guard exchange.end == nil else { return false }
      exchange.outbox.append(order)
      return exchange.needsWake()
    }
    if wake { wakeLoop() }
  }

  func next() async throws -> Message? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome = exchange.withLock { exchange -> Exchange.NextOutcome in
          if let message = exchange.takeMessage() { return .message(message) }
          if exchange.end != nil { return .end }
          precondition(exchange.consumer == nil, "one consumer at a time")
          exchange.consumer = continuation
          exchange.isAsking = true
          return .wait(wake: exchange.needsWake())
        }
        switch outcome {
        case .message(let message): continuation.resume(returning: message)
        case .end: continuation.resume(returning: nil)
        case .wait(let wake): if wake { wakeLoop() }
        }
      }
    } onCancel: {
      close(.goingAway)
    }
  }

  private func waitForRoom() async throws {
    await withCheckedContinuation { continuation in
      let mustWait = exchange.withLock { exchange -> Bool in
        guard exchange.end == nil, exchange.isCongested else { return false }
        exchange.senders.append(continuation)
        return true
      }
      if !mustWait { continuation.resume() }
    }
    try Task.checkCancellation()
  }

  private func wakeLoop() {
    loop.execute { [self] in
      // The bridge lives on the loop; only there is it reached.
      exchange.withLock { $0.bridge }?.value.serve()
    }
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
    let connection: AsyncConnection

    /// The next message, or `nil` at the end of the connection.
    public mutating func next() async throws -> Message? {
      try await connection.next()
    }
  }
}

/// Why sending on an `AsyncConnection` failed.
public enum AsyncConnectionError: Error, Sendable {
  /// The connection has ended.
  case closed(ConnectionClosure)
}
