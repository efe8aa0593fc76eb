import HTTP

/// How the requests of a route are answered.
public struct HTTPHandler: Sendable {
  let maximumBodyByteCount: Int
  let make: @Sendable (ServerRequest) -> any ExchangeHandler

  /// A handler with an object of the application's for each request; see ``ExchangeHandler``.
  /// - Parameters:
  ///   - maximumBodyByteCount: A longer body is answered with 413.
  ///   - make: Called on the connection's loop.
  public init(
    maximumBodyByteCount: Int = 1 << 20,
    _ make: @escaping @Sendable (ServerRequest) -> any ExchangeHandler
  ) {
    self.maximumBodyByteCount = maximumBodyByteCount
    self.make = make
  }

  /// A closure on the connection's loop, called with the whole request; it must not block.
  public static func synchronous(
    maximumBodyByteCount: Int = 1 << 20,
    _ respond: @escaping @Sendable (ServerRequest) throws -> ServerResponse
  ) -> HTTPHandler {
    HTTPHandler(maximumBodyByteCount: maximumBodyByteCount) { _ in CollectingHandler(respond) }
  }

  /// A task for each request, which reads the body as it comes.
  public static func asynchronous(
    maximumBodyByteCount: Int = 1 << 30,
    _ respond: @escaping @Sendable (ServerRequest, RequestBody) async throws -> ServerResponse
  ) -> HTTPHandler {
    HTTPHandler(maximumBodyByteCount: maximumBodyByteCount) { _ in TaskHandler(respond) }
  }

  /// Always the same response.
  public static func fixed(_ response: ServerResponse) -> HTTPHandler {
    HTTPHandler { _ in FixedResponseHandler(response) }
  }
}
