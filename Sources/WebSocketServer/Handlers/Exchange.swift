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

  /// What a consumer finds.
  enum Taken {
    case item(Message)
    case end
    case wait
  }

  /// Messages that may wait for the consumer before reading stops, by number and by octets.
  static let inboxLimit = 64
  static let inboxByteLimit = 64 << 10

  var outbox: [Order] = []
  var outboxByteCount = 0
  /// Octets in `outbox` and in the socket's queue.
  var queuedByteCount = 0
  let queueLimit: Int
  /// The messages that the consumer has not asked for yet, from `inboxStart` on.
  private var inbox: ContiguousArray<Message?> = []
  private var inboxStart = 0
  private var inboxByteCount = 0
  var consumer: TaskContinuation<Message?>?
  var senders: [TaskContinuation<Void>] = []
  /// Whether reading has stopped until the consumer asks for more.
  var isHeldBack = true
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

  private var isFull: Bool {
    inbox.count - inboxStart >= Self.inboxLimit || inboxByteCount >= Self.inboxByteLimit
  }

  /// Keeps a message for the consumer; `true` if no more should come for now.
  ///
  /// Where reading cannot be held back, because the connection is closing, what is too much is dropped.
  mutating func store(_ message: Message, canHoldBack: Bool) -> Bool {
    guard canHoldBack || !isFull else { return false }
    inbox.append(message)
    inboxByteCount += message.bytes.count
    return isFull && canHoldBack
  }

  /// Whether the consumer waits for what only reading on can bring; asked once.
  mutating func takeAsking() -> Bool {
    guard consumer != nil, isHeldBack else { return false }
    isHeldBack = false
    return true
  }

  /// Takes the next message.
  mutating func take() -> Taken {
    guard inboxStart < inbox.count, let message = inbox[inboxStart] else {
      return end == nil ? .wait : .end
    }
    inbox[inboxStart] = nil
    inboxStart += 1
    inboxByteCount -= message.bytes.count
    if inboxStart == inbox.count {
      inbox.removeAll(keepingCapacity: true)
      inboxStart = 0
    }
    return .item(message)
  }
}
