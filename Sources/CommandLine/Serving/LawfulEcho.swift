import Synchronization
import Transport
import WebSocketProtocol
import WebSocketServer

/// Sends every message of a connection back as an ``EchoLaw`` says, in order but for the mishaps.
final class LawfulEcho: ConnectionHandler {
  /// What all connections have in common.
  final class Court: Sendable {
    private let course: Mutex<EchoCourse>
    fileprivate let start = ContinuousClock.now

    init(_ law: EchoLaw) {
      course = Mutex(EchoCourse(law, seed: 1))
    }

    /// How many messages came, and to how many of them something happened.
    var counts: (messages: Int, mishaps: Int) {
      course.withLock { ($0.messageCount, $0.mishapCount) }
    }

    /// An echo for each connection.
    var factory: HandlerFactory { .synchronous { _ in LawfulEcho(self) } }

    fileprivate func reply(at now: ContinuousClock.Instant) -> EchoCourse.Reply {
      course.withLock { $0.reply(at: now - start) }
    }
  }

  private struct Held {
    var kind: MessageKind
    var payload: [UInt8]
  }

  private let court: Court
  /// When the last reply is due: none overtakes another.
  private var lastDue = Duration.zero
  /// How many replies are not due yet.
  private var pendingCount = 0
  /// A reply that waits for the next, to come behind it.
  private var held: Held?

  init(_ court: Court) {
    self.court = court
  }

  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    let now = ContinuousClock.now
    let reply = court.reply(at: now)
    lastDue = max(lastDue, reply.due)
    let due = court.start + lastDue
    if due <= now, pendingCount == 0, reply.mishap == nil, held == nil {
      try? connection.send(kind, payload)
      return
    }
    let message = Held(kind: kind, payload: (0..<payload.count).map { payload[$0] })
    let handle = connection.handle
    guard due > now || pendingCount > 0 else {
      // In the same way as those before: what goes by way of the handle comes behind the whole read.
      for message in replies(to: message, reply.mishap, on: handle) {
        try? connection.send(message.kind, message.payload.span)
      }
      return
    }
    pendingCount += 1
    handle.loop.schedule(at: due) { [self] in
      pendingCount -= 1
      for message in replies(to: message, reply.mishap, on: handle) {
        handle.send(message.kind, message.payload)
      }
    }
  }

  /// What is sent now in answer to a message, in its order.
  private func replies(
    to message: Held, _ mishap: EchoLaw.Mishap.Kind?, on connection: ServerConnection
  ) -> [Held] {
    var replies: [Held]
    switch mishap {
    case .lose: return []
    case .reorder:
      let before = held
      held = message
      // Without another message in time it comes by itself, in its place.
      connection.loop.schedule(after: .seconds(1)) { [self] in release(on: connection) }
      return [before].compactMap { $0 }
    case .corrupt:
      var changed = message
      if !changed.payload.isEmpty { changed.payload[changed.payload.count - 1] ^= 1 }
      replies = [changed]
    case .truncate:
      replies = [Held(kind: message.kind, payload: Array(message.payload.dropLast()))]
    case .double: replies = [message, message]
    case nil: replies = [message]
    }
    if let held { replies.append(held) }
    held = nil
    return replies
  }

  private func release(on connection: ServerConnection) {
    guard let message = held else { return }
    held = nil
    connection.send(message.kind, message.payload)
  }
}
