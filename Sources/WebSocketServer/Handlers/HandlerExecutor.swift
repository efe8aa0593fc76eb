import Transport

/// Where the task of an `async` handler runs.
public enum HandlerExecutor: Sendable {
  /// On the connection's own loop: no change of thread for a message, but the body must not block.
  case loop

  /// Where tasks without preference run: on the system's pool of threads.
  case concurrent

  /// On an executor of the application.
  case custom(any TaskExecutor)

  /// The executor for a connection that lives on `loop`.
  func taskExecutor(on loop: EventLoop) -> any TaskExecutor {
    switch self {
    case .loop: loop
    case .concurrent: globalConcurrentExecutor
    case .custom(let executor): executor
    }
  }
}
