import HTTP
import Synchronization
import Transport
import WebSocketProtocol

/// The content of a request as it arrives, for one task; the client is slowed down to its pace.
public struct RequestBody: AsyncSequence, Sendable {
  let stream: RequestStream

  /// Creates the iterator; there is one consumer.
  public func makeAsyncIterator() -> Iterator { Iterator(stream: stream) }

  /// The whole content.
  ///
  /// - Throws: ``RequestFailure`` with 413 when it is longer than `maximumByteCount`.
  public func collect(upTo maximumByteCount: Int) async throws -> [UInt8] {
    var octets: [UInt8] = []
    for try await piece in self {
      octets += piece
      guard octets.count <= maximumByteCount else {
        throw RequestFailure(
          .contentTooLarge, "The body is longer than \(maximumByteCount) octets.")
      }
    }
    return octets
  }

  /// Asks for one piece after the other.
  public struct Iterator: AsyncIteratorProtocol {
    let stream: RequestStream

    /// The octets that have come since the last call, or `nil` at the end.
    public mutating func next() async throws -> [UInt8]? { try await stream.next() }
  }
}

/// What a loop puts in and a task takes out.
final class RequestStream: Sendable {
  private struct State {
    var octets: [UInt8] = []
    var hasEnded = false
    var hasBroken = false
    var isPaused = false
    var consumer: CheckedContinuation<[UInt8]?, any Error>?
  }

  /// What may wait for the task before the client is no longer read from.
  private static let capacity = 256 << 10
  private let exchange: LoopBound<HTTPExchange>
  private let state = Mutex(State())

  init(_ exchange: HTTPExchange) {
    self.exchange = LoopBound(exchange, on: exchange.loop)
  }

  /// On the loop.
  func append(_ content: Span<UInt8>) {
    let (consumer, octets, pauses) = state.withLock {
      state -> (CheckedContinuation<[UInt8]?, any Error>?, [UInt8], Bool) in
      content.append(to: &state.octets)
      if let consumer = state.consumer {
        let octets = state.octets
        state.octets = []
        state.consumer = nil
        return (consumer, octets, false)
      }
      if state.octets.count > Self.capacity { state.isPaused = true }
      return (nil, [], state.isPaused)
    }
    if pauses { exchange.value.pauseReceiving() }
    consumer?.resume(returning: octets)
  }

  /// No more will come.
  func end(isComplete: Bool) {
    let consumer = state.withLock { state in
      if isComplete { state.hasEnded = true } else { state.hasBroken = true }
      defer { state.consumer = nil }
      return state.consumer
    }
    if isComplete {
      consumer?.resume(returning: nil)
    } else {
      consumer?.resume(throwing: ResponseEnded())
    }
  }

  func next() async throws -> [UInt8]? {
    try await withCheckedThrowingContinuation { continuation in
      let (result, resumes) = state.withLock { state -> (Result<[UInt8]?, any Error>?, Bool) in
        let resumes = state.isPaused
        state.isPaused = false
        if !state.octets.isEmpty {
          let octets = state.octets
          state.octets = []
          return (.success(octets), resumes)
        }
        if state.hasEnded { return (.success(nil), false) }
        if state.hasBroken { return (.failure(ResponseEnded()), false) }
        precondition(state.consumer == nil, "one consumer at a time")
        state.consumer = continuation
        return (nil, resumes)
      }
      if resumes { exchange.execute { $0.resumeReceiving() } }
      if let result { continuation.resume(with: result) }
    }
  }
}

/// Runs a task for each request.
final class TaskHandler: ExchangeHandler {
  typealias Body = @Sendable (ServerRequest, RequestBody) async throws -> ServerResponse

  private let body: Body
  private var stream: RequestStream?
  private var task: Task<Void, Never>?

  init(_ body: @escaping Body) { self.body = body }

  func began(_ exchange: HTTPExchange) {
    guard let connection = exchange.connection else { return }
    let stream = RequestStream(exchange)
    self.stream = stream
    let request = exchange.request
    let context = connection.host.context
    let held = LoopBound(exchange, on: exchange.loop)
    let body = self.body
    context.life.begin()
    task = Task {
      do {
        let response = try await body(request, RequestBody(stream: stream))
        held.execute { $0.respond(response) }
      } catch {
        held.execute { $0.fail(error) }
      }
      context.connectionEnded()
    }
  }

  func received(_ content: Span<UInt8>, in exchange: HTTPExchange) { stream?.append(content) }

  func requestEnded(trailers: HTTPFields, in exchange: HTTPExchange) {
    stream?.end(isComplete: true)
  }

  func ended(_ exchange: HTTPExchange, isComplete: Bool) {
    stream?.end(isComplete: false)
    if !isComplete { task?.cancel() }
  }
}
