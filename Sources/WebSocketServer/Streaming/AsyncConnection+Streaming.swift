import Synchronization
import Transport
public import WebSocketProtocol

/// Messages piece by piece, for tasks.
extension AsyncConnection {
  /// Sends a message from a source, such as a file, in fragments; returns when all has gone.
  ///
  /// Other messages wait meanwhile.
  /// - Parameters:
  ///   - kind: Text or binary.
  ///   - source: What the message is made of.
  /// - Returns: How many octets the message has.
  /// - Throws: ``StreamError``, or what the source throws; the connection is closed with 1011 if the
  ///   message had begun.
  @discardableResult
  public func send(
    _ kind: MessageKind, from source: any MessageSource & Sendable
  ) async throws -> Int {
    let result: Result<Int, any Error> = await TaskContinuation.wait { continuation in
      let order = Exchange.Order.stream(kind, source) { continuation.resume(returning: $0) }
      if case .ended = deliver(order) {
        continuation.resume(returning: .failure(StreamError.closed))
      }
    }
    return try result.get()
  }

  /// Sends a file, or a part of it.
  ///
  /// - Parameters:
  ///   - kind: Text or binary.
  ///   - path: Which file.
  ///   - position: Where to begin.
  ///   - length: How many octets; `nil` for all to the end.
  /// - Returns: How many octets the message has.
  /// - Throws: ``StreamError`` if there is no such part of such a file, or the connection has ended.
  @discardableResult
  public func send(
    _ kind: MessageKind = .binary, file path: String, position: Int = 0, length: Int? = nil
  ) async throws -> Int {
    try await send(kind, from: FileSource(path: path, position: position, length: length))
  }

  /// Sends a message whose length is not known beforehand: each element as it comes, as a fragment.
  ///
  /// - Parameters:
  ///   - kind: Text or binary.
  ///   - fragments: The pieces; the message ends with them.
  /// - Throws: What the sequence throws, after which the connection is closed with 1011 as the message
  ///   cannot be completed; ``AsyncConnectionError`` once the connection has ended.
  public func send<Fragments: AsyncSequence>(
    _ kind: MessageKind, fragments: Fragments
  ) async throws where Fragments.Element == [UInt8] {
    let stream = exchange.withLock { exchange in
      exchange.streamCount += 1
      return exchange.streamCount
    }
    do {
      for try await fragment in fragments {
        try await send(.fragment(kind, fragment, stream: stream, isFinal: false))
      }
    } catch {
      close(.internalError, reason: "the message cannot be completed")
      throw error
    }
    try await send(.fragment(kind, [], stream: stream, isFinal: true))
  }

  private func send(_ order: Exchange.Order) async throws {
    switch deliver(order) {
    case .done: return
    case .mustWait: try await waitForRoom()
    case .ended(let end): throw AsyncConnectionError.closed(end)
    }
  }
}
