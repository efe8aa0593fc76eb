import Transport
public import WebSocketProtocol

/// A message that is under way from a source, or waits to be.
final class OutgoingStream {
  let kind: MessageKind
  let source: any MessageSource
  let completion: ((Result<Int, any Error>) -> Void)?
  var byteCount = 0
  var hasBegun = false

  init(
    _ kind: MessageKind, _ source: any MessageSource,
    _ completion: ((Result<Int, any Error>) -> Void)?
  ) {
    self.kind = kind
    self.source = source
    self.completion = completion
  }
}

/// Messages that are sent piece by piece as the peer takes them.
extension ServerConnection {
  /// What is read of a source at a time.
  private static var pieceByteCount: Int { 64 << 10 }

  /// Sends a message from a source, in fragments, as fast as the peer takes them.
  ///
  /// Such messages go one after the other. As long as one is under way, another message cannot be sent and
  /// `send` throws; broadcasts wait. A source that fails when its message has begun costs the connection,
  /// which is closed with 1011.
  /// - Parameters:
  ///   - kind: Text or binary.
  ///   - source: What the message is made of.
  ///   - completion: Is told on the loop how many octets went, or why it failed.
  public func send(
    _ kind: MessageKind, from source: any MessageSource,
    completion: ((Result<Int, any Error>) -> Void)? = nil
  ) {
    guard phase == .open else {
      completion?(.failure(StreamError.closed))
      return
    }
    needExtra().streams.append(OutgoingStream(kind, source, completion))
    if isActive {
      loop.schedule(after: .zero) { [weak self] in self?.pumpStreams() }
    } else {
      pumpStreams()
    }
  }

  /// Whether a message from a source is under way.
  var isStreaming: Bool { extra?.streams.isEmpty == false }

  /// Sends the next pieces, as long as the peer takes them at once; then it is others' turn.
  func pumpStreams() {
    guard !isActive else { return }
    var budget = 16
    while budget > 0, pendingByteCount == 0, let stream = extra?.streams.first {
      guard phase == .open, active.core.isOpen else { return failStreams() }
      // The handler is in the middle of a message of its own.
      guard stream.hasBegun || active.core.canSendEncoded else { break }
      sendPiece(of: stream)
      budget -= 1
    }
    guard isStreaming, pendingByteCount == 0 else { return feedQueue() }
    loop.schedule(after: budget > 0 ? .milliseconds(5) : .zero) { [weak self] in
      self?.pumpStreams()
    }
  }

  private func sendPiece(of stream: OutgoingStream) {
    do {
      let (octets, isLast) = try stream.source.next(Self.pieceByteCount)
      var failure: SendError?
      activate { active in
        do throws(SendError) {
          try active.sendFragment(stream.kind, octets.span, isFinal: isLast)
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      stream.hasBegun = true
      stream.byteCount += octets.count
      if isLast { finish(stream, .success(stream.byteCount)) }
    } catch {
      finish(stream, .failure(error))
      if stream.hasBegun { close(.internalError, reason: "the message cannot be completed") }
    }
  }

  private func finish(_ stream: OutgoingStream, _ result: Result<Int, any Error>) {
    if let extra, extra.streams.first === stream { extra.streams.removeFirst() }
    stream.completion?(result)
  }

  /// Tells those who wait for messages that will not go out any more.
  func failStreams() {
    guard let extra else { return }
    let streams = extra.streams
    extra.streams = []
    for stream in streams { stream.completion?(.failure(StreamError.closed)) }
  }
}
