import WebSocketProtocol

/// What is said on the connections of one place, one after the other: what to send, and what to make of what comes.
///
/// It knows no sockets and reads no clock; times are nanoseconds since the start of sending.
protocol Dialogue: AnyObject {
  /// Whether messages of the plan are sent here.
  var sends: Bool { get }
  /// How many messages are under way that will be answered.
  var awaitedCount: Int { get }
  /// How many messages have no answer and will have none.
  var lostCount: UInt64 { get }
  /// What to send when a connection is open.
  var greetings: [[UInt8]] { get }
  /// What was published and received here in a fan-out; nil where there is none.
  var fanOut: FanOutPart? { get }
  /// The next message, which was to be sent at `planned`.
  func nextMessage(planned: Int64, at now: Int64) -> DialogueMessage
  /// Takes a message.
  func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64)
  /// Takes a pong.
  func receivePong(_ payload: Span<UInt8>, at now: Int64)
  /// Gives up messages that were sent before `limit` and have no answer.
  func giveUp(sentBefore limit: Int64)
  /// Forgets what is under way, since the connection was dropped on purpose; gives how much that was.
  func drop() -> Int
}

/// What a place sends.
enum DialogueMessage: Equatable {
  case message([UInt8])
  /// One of another kind than the plan's.
  case typed(MessageKind, [UInt8])
  case ping([UInt8])
}

extension Dialogue {
  var sends: Bool { true }
  var awaitedCount: Int { 0 }
  var lostCount: UInt64 { 0 }
  var greetings: [[UInt8]] { [] }
  var fanOut: FanOutPart? { nil }
  func nextMessage(planned: Int64, at now: Int64) -> DialogueMessage { .message([]) }
  func receivePong(_ payload: Span<UInt8>, at now: Int64) {}
  func giveUp(sentBefore limit: Int64) {}
  func drop() -> Int { 0 }
}

/// Nothing is sent, and what comes is only counted.
final class SilentDialogue: Dialogue {
  private let book: TrafficBook

  init(_ book: TrafficBook) {
    self.book = book
  }

  var sends: Bool { false }

  func receive(_ kind: MessageKind, _ payload: Span<UInt8>, at now: Int64) {
    book.noteReceived(payload.count)
  }
}
