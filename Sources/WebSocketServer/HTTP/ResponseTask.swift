import HTTP
import Synchronization
import Transport

/// Writes the body of a response from a task; waits while the client does not take it.
public final class ResponseWriter: Sendable {
  private struct State {
    var waiters: [CheckedContinuation<Void, any Error>] = []
    var hasEnded = false
  }

  private let exchange: LoopBound<HTTPExchange>
  private let state = Mutex(State())

  init(_ exchange: HTTPExchange) {
    self.exchange = LoopBound(exchange, on: exchange.loop)
  }

  /// Sends octets; returns when more may be sent.
  ///
  /// - Throws: ``ResponseEnded`` when the client is gone, `CancellationError` when the task is.
  public func write(_ octets: [UInt8]) async throws {
    try Task.checkCancellation()
    try await withCheckedThrowingContinuation { continuation in
      exchange.execute { [self] exchange in
        exchange.send(octets.span)
        wait(continuation, isCongested: exchange.isCongested)
      }
    }
  }

  /// Sends text; see ``write(_:)-([UInt8])``.
  public func write(_ text: String) async throws {
    try await write(Array(text.utf8))
  }

  private func wait(_ continuation: CheckedContinuation<Void, any Error>, isCongested: Bool) {
    let hasEnded = state.withLock { state in
      if isCongested, !state.hasEnded { state.waiters.append(continuation) }
      return state.hasEnded
    }
    if hasEnded {
      continuation.resume(throwing: ResponseEnded())
    } else if !isCongested {
      continuation.resume()
    }
  }

  /// Lets those go on who wait.
  func resume() {
    let waiters = state.withLock { state in
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// The client is gone.
  func end() {
    let waiters = state.withLock { state in
      state.hasEnded = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume(throwing: ResponseEnded()) }
  }
}

/// The connection ended before the response did.
public struct ResponseEnded: Error, Hashable, Sendable {
  /// Makes the error.
  public init() {}
}

/// A body that a task writes, as the handler of what is left of the exchange.
final class ResponseTask: ExchangeHandler {
  private let writer: ResponseWriter
  private var task: Task<Void, Never>?
  /// Whose request it is: the body may be written while the request's is still being read.
  private var reader: (any ExchangeHandler)?

  private init(_ writer: ResponseWriter) { self.writer = writer }

  static func run(
    _ write: @escaping @Sendable (ResponseWriter) async throws -> Void, for exchange: HTTPExchange
  ) {
    guard let connection = exchange.connection else { return }
    let writer = ResponseWriter(exchange)
    let handler = ResponseTask(writer)
    handler.reader = exchange.hand(over: handler)
    let context = connection.host.context
    let held = LoopBound(exchange, on: exchange.loop)
    context.life.begin()
    handler.task = Task {
      do {
        try await write(writer)
        held.execute { $0.finish() }
      } catch {
        // A body that is not whole must not look like one: the connection breaks.
        held.execute { $0.breakOff() }
      }
      context.connectionEnded()
    }
  }

  func received(_ content: Span<UInt8>, in exchange: HTTPExchange) {
    reader?.received(content, in: exchange)
  }

  func requestEnded(trailers: HTTPFields, in exchange: HTTPExchange) {
    reader?.requestEnded(trailers: trailers, in: exchange)
  }

  func readyToSend(in exchange: HTTPExchange) { writer.resume() }

  func ended(_ exchange: HTTPExchange, isComplete: Bool) {
    reader?.ended(exchange, isComplete: isComplete)
    reader = nil
    writer.end()
    if !isComplete { task?.cancel() }
  }
}
