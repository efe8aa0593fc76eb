import Synchronization
import WebSocketProtocol

/// A message for many connections, encoded once for each set of parameters among them, on all loops.
final class SharedMessage: Sendable {
  let message: Message
  private let configuration: ConnectionConfiguration
  private let encodings = Mutex<[EncodedMessage.Parameters: EncodedMessage]>([:])

  init(_ message: Message, configuration: ConnectionConfiguration) {
    self.message = message
    self.configuration = configuration
  }

  /// The frames for connections that have agreed on `parameters`; made at the first request.
  func encoded(for parameters: EncodedMessage.Parameters) -> EncodedMessage {
    encodings.withLock { encodings in
      if let made = encodings[parameters] { return made }
      let made = EncodedMessage(
        message.kind, message.bytes, for: parameters, configuration: configuration)
      encodings[parameters] = made
      return made
    }
  }

  /// How many encodings were made, and how many of them are compressed.
  var counts: (encodings: Int, compressions: Int) {
    encodings.withLock { ($0.count, $0.values.count(where: \.isCompressed)) }
  }
}
