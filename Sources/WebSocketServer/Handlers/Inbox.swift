import Transport

/// The messages of a peer that wait for the one who asks for them, or the one who waits for a message.
///
/// It belongs to the connection's loop, without any lock, as long as the consumer asks from there; from the first
/// time that one asks from elsewhere, and from the connection's end, it lies in the `Exchange`.
@usableFromInline struct Inbox: Sendable {
  /// What a consumer finds.
  @usableFromInline enum Taken: Sendable {
    case item(Message)
    case end
    case wait

    /// Has the consumer go on with what there is, if there is anything.
    func resume(_ consumer: TaskContinuation<Message?>) {
      switch self {
      case .item(let message): consumer.resume(returning: message)
      case .end: consumer.resume(returning: nil)
      case .wait: break
      }
    }
  }

  /// What became of a message that has come.
  enum Offered: Sendable {
    /// The consumer waits for it.
    case taken(TaskContinuation<Message?>, Message)
    case kept
    /// It was kept, and no more should come for now.
    case full
  }

  /// Messages that may wait for the consumer before reading stops, by number and by octets.
  static let countLimit = 64
  static let byteLimit = 64 << 10

  /// The messages that the consumer has not asked for yet, from `start` on.
  private var messages: ContiguousArray<Message?> = []
  private var start = 0
  private var byteCount = 0
  /// Who waits for the next message.
  private var consumer: TaskContinuation<Message?>?
  /// Whether reading has stopped until the consumer asks for more.
  private(set) var isHeldBack = true
  /// Whether no more will come.
  private var hasEnded = false

  private var isFull: Bool {
    messages.count - start >= Self.countLimit || byteCount >= Self.byteLimit
  }

  /// Offers a message to the consumer, and keeps it if none waits; reading stops until one asks, if that can be.
  ///
  /// Where reading cannot be held back, because the connection is closing, what is too much is dropped.
  mutating func offer(_ message: consuming Message, canHoldBack: Bool) -> Offered {
    isHeldBack = canHoldBack
    if let consumer = consumer.take() { return .taken(consumer, message) }
    guard canHoldBack || !isFull else { return .kept }
    byteCount += message.bytes.count
    messages.append(message)
    return isFull && canHoldBack ? .full : .kept
  }

  /// Notes that no more will come, and lets go of the consumer, to be told so.
  mutating func end() -> TaskContinuation<Message?>? {
    hasEnded = true
    return consumer.take()
  }

  /// Takes the next message.
  mutating func take() -> Taken {
    guard start < messages.count, let message = messages[start].take() else {
      return hasEnded ? .end : .wait
    }
    start += 1
    byteCount -= message.bytes.count
    if start == messages.count {
      messages.removeAll(keepingCapacity: true)
      start = 0
    }
    return .item(message)
  }

  /// Takes the next message, or has the consumer wait for it.
  mutating func take(for consumer: TaskContinuation<Message?>) -> Taken {
    let taken = take()
    if case .wait = taken {
      precondition(self.consumer == nil, "one consumer at a time")
      self.consumer = consumer
    }
    return taken
  }

  /// Whether the consumer waits for what only reading on can bring; asked once.
  mutating func takeAsking() -> Bool {
    guard consumer != nil, isHeldBack else { return false }
    isHeldBack = false
    return true
  }
}
