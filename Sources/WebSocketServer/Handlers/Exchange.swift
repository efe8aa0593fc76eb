import Transport
import WebSocketProtocol

/// What a connection's loop and the tasks of its handler hand each other, under a lock.
struct Exchange {
  /// What a task wants done on the loop, in order.
  enum Order: Sendable {
    case message(Message)
    case ping([UInt8])
    case close(CloseCode, String)
  }

  enum SendTicket {
    case ended(ConnectionClosure)
    case queued(wake: Bool, wait: Bool)
  }

  enum NextOutcome {
    case message(Message)
    case end
    case wait(wake: Bool)
  }

  var bridge: LoopBound<AsyncConnectionBridge>?
  var outbox: [Order] = []
  /// Octets in `outbox` and in the socket's queue.
  var queuedByteCount = 0
  var queueLimit = 1 << 20
  /// The message that came although nobody was waiting.
  var stash: Message?
  var consumer: CheckedContinuation<Message?, any Error>?
  var senders: [CheckedContinuation<Void, Never>] = []
  /// Whether the consumer waits for a message that the loop has not been asked for yet.
  var isAsking = false
  var isWakePending = false
  var end: ConnectionClosure?

  var outboxByteCount: Int {
    outbox.reduce(0) { sum, order in
      guard case .message(let message) = order else { return sum }
      return sum + message.bytes.count
    }
  }

  var isCongested: Bool { queuedByteCount > queueLimit }

  /// Whether the loop must be woken; once is enough until it has served.
  mutating func needsWake() -> Bool {
    guard !isWakePending, bridge != nil else { return false }
    isWakePending = true
    return true
  }

  mutating func takeMessage() -> Message? {
    defer { stash = nil }
    return stash
  }
}
