public import HTTP
public import WebSocketProtocol

/// Decides on each opening handshake, and makes what handles the connection.
///
/// The closure runs on the connection's loop and must not block.
public struct HandlerFactory: Sendable {
  let decide: @Sendable (OpeningRequest) -> Acceptance

  /// Creates a factory that may also refuse.
  public init(_ decide: @escaping @Sendable (OpeningRequest) -> Acceptance) {
    self.decide = decide
  }

  /// A factory of handlers on the connection's loop.
  public static func synchronous(
    _ make: @escaping @Sendable (OpeningRequest) -> any ConnectionHandler
  ) -> HandlerFactory {
    HandlerFactory { .accept(make($0)) }
  }

  /// A factory of tasks: `body` runs once for each connection, and its end closes the connection.
  ///
  /// Returning closes with 1000, throwing with 1011; the body is cancelled when the connection breaks.
  /// - Parameters:
  ///   - executor: Where the body runs: on the connection's loop, unless it may block; a body that is
  ///     isolated to an actor, such as the main actor, runs there whatever is said here.
  ///   - body: What is done with the connection.
  /// - Returns: A factory that accepts every opening handshake.
  public static func asynchronous(
    on executor: HandlerExecutor = .loop,
    _ body: @escaping @Sendable (AsyncConnection) async throws -> Void
  ) -> HandlerFactory {
    HandlerFactory { .accept(AsyncConnectionBridge(request: $0, executor: executor, body: body)) }
  }

  /// Sends every message back.
  public static var echo: HandlerFactory {
    let handler = EchoHandler()
    return HandlerFactory { _ in .accept(handler) }
  }
}

/// The answer to an opening handshake.
public enum Acceptance {
  /// Open the connection; `subprotocol` overrides the server's own choice, `fields` are added to the 101.
  case accept(any ConnectionHandler, subprotocol: String? = nil, fields: HTTPFields = [:])

  /// Refuse with an HTTP status of 300 or above, fields and a text of the application's choice.
  case refuse(HandshakeRefusal)
}
