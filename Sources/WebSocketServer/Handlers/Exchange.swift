import Transport
import WebSocketProtocol

/// What a connection's loop and the tasks of its handler hand each other, under a lock.
struct Exchange {
  /// What a task wants done on the loop, in order.
  enum Order: Sendable {
    case message(Message)
    case ping([UInt8])
    case close(CloseCode, String)
    case disconnect
    case subscribe(String)
    case unsubscribe(String)
    /// A piece of a message whose length is not known; no other message comes between those of a stream.
    case fragment(MessageKind, [UInt8], stream: Int, isFinal: Bool)
    case stream(
      MessageKind, any MessageSource & Sendable, @Sendable (Result<Int, any Error>) -> Void)

    var byteCount: Int {
      switch self {
      case .message(let message): message.bytes.count
      case .fragment(_, let octets, _, _): octets.count
      case .ping, .close, .disconnect, .subscribe, .unsubscribe, .stream: 0
      }
    }

    /// Tells whoever waits for it that it will not be carried out.
    func fail() {
      if case .stream(_, _, let completion) = self { completion(.failure(StreamError.closed)) }
    }
  }

  /// What became of an order.
  enum Ticket {
    case done, mustWait
    case ended(ConnectionClosure)
  }

  var outbox: [Order] = []
  var outboxByteCount = 0
  /// Octets in `outbox` and in the socket's queue.
  var queuedByteCount = 0
  let queueLimit: Int
  /// The messages for the consumer, once it has asked from elsewhere than the loop; until then the loop has them.
  var inbox: Inbox?
  /// A consumer elsewhere, which waits for ``inbox`` to come.
  var claimant: TaskContinuation<Message?>?
  var senders: [TaskContinuation<Void>] = []
  var isWakePending = false
  /// How many streams of fragments have begun.
  var streamCount = 0
  /// The handler's own task, whose cancellation is heard of for all its waits.
  var handlerTask: TaskIdentity?
  var end: ConnectionClosure?

  init(queueLimit: Int) {
    self.queueLimit = queueLimit
  }

  var isCongested: Bool { queuedByteCount > queueLimit }

  /// Whether the loop must be woken; once is enough until it has served.
  mutating func needsWake() -> Bool {
    guard !isWakePending, end == nil else { return false }
    isWakePending = true
    return true
  }

  /// Takes the next message, or has the consumer wait for it; and whether the loop must be woken to go on.
  mutating func take(
    for consumer: TaskContinuation<Message?>
  ) -> (taken: Inbox.Taken, mustWake: Bool) {
    guard let taken = inbox?.take(for: consumer) else {
      precondition(claimant == nil, "one consumer at a time")
      claimant = consumer
      return (.wait, needsWake())
    }
    guard case .wait = taken, inbox?.isHeldBack == true else { return (taken, false) }
    return (taken, needsWake())
  }
}
