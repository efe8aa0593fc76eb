public import ServiceLifecycle
public import WebSocketServer

/// A server among the services of an application (swift-service-lifecycle).
extension WebSocketServer: Service {
  /// Starts, runs until graceful shutdown or cancellation, and ends in order.
  ///
  /// - Throws: `ServerError` if it could not start.
  public func run() async throws {
    // A shutdown that was asked for before has something to end then.
    try start()
    await withTaskCancellationOrGracefulShutdownHandler {
      await wait()
    } onCancelOrGracefulShutdown: {
      Task { await self.shutdown() }
    }
  }
}
