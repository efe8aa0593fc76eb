public import ServiceLifecycle
public import WebSocketServer

/// A server among the services of an application (swift-service-lifecycle).
extension WebSocketServer: Service {
  /// Starts, runs until graceful shutdown or cancellation, and ends in order.
  ///
  /// - Throws: `ServerError` if it could not start.
  public func run() async throws {
    try await withGracefulShutdownHandler {
      try await run(shutdownWithin: nil)
    } onGracefulShutdown: {
      Task { await self.shutdown() }
    }
  }
}
