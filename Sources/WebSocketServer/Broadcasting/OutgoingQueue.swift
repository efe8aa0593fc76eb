import WebSocketProtocol

/// Encoded messages that wait until a peer has taken what was sent before; their octets are shared with
/// all other receivers.
struct OutgoingQueue {
  private var messages: ContiguousArray<EncodedMessage?> = []
  private var start = 0
  private(set) var byteCount = 0

  var isEmpty: Bool { start == messages.count }

  mutating func append(_ message: EncodedMessage) {
    messages.append(message)
    byteCount += message.frames.count
  }

  mutating func popFirst() -> EncodedMessage? {
    guard start < messages.count, let message = messages[start] else { return nil }
    messages[start] = nil
    start += 1
    byteCount -= message.frames.count
    if start == messages.count {
      messages.removeAll(keepingCapacity: messages.count <= 64)
      start = 0
    } else if start >= 64, start * 2 >= messages.count {
      messages.removeFirst(start)
      start = 0
    }
    return message
  }

  mutating func removeAll() {
    self = OutgoingQueue()
  }
}
