import Transport
import WebSocketProtocol

/// A batch: one read's events to the handler, one write at its end.
extension ActiveConnection {
  /// Handles octets until they end or the connection is paused; returns how many are left.
  mutating func handle(
    _ bytes: inout MutableSpan<UInt8>, of connection: ServerConnection
  ) -> (left: Int, outcome: Outcome) {
    let host = connection.host
    output = host.takeOutput()
    let handler = connection.handler
    var input = Input(
      bytes._mutatingExtracting(0..<bytes.count), scratch: host.takeScratch())
    while input.remainingByteCount > 0,
      let event = core.nextEvent(&input, at: host.loop.now, output: &output)
    {
      switch event {
      case .message(let kind, let payload):
        handler.received(kind, payload, on: &self)
      case .fragment(let kind, let payload, let isFirst, let isFinal):
        handler.receivedFragment(kind, payload, isFirst: isFirst, isFinal: isFinal, on: &self)
      case .ping(let payload):
        handler.receivedPing(payload, on: &self)
      case .pong(let payload):
        handler.receivedPong(payload, on: &self)
      case .close(let code, let reason):
        connection.peerClosed(code, reason: reason)
      case .failed(let failure):
        connection.peerFailed(failure, at: host.loop.now)
      }
      if !connection.pauses.isEmpty {
        connection.pauseReading()
        break
      }
    }
    if connection.pauses == .consumer { lookAhead(&input, of: connection) }
    let left = input.remainingByteCount
    host.giveBack(scratch: input.recoverScratch())
    return (left, end(of: connection))
  }

  /// Hands the messages that follow in the same read to a task that will ask for them.
  ///
  /// Nothing else is taken before it has: its answers to what came first go out first.
  private mutating func lookAhead(_ input: inout Input, of connection: ServerConnection) {
    let handler = connection.handler
    while connection.pauses == .consumer,
      case .message(let kind, let payload)? = core.nextWholeMessage(&input)
    {
      handler.received(kind, payload, on: &self)
    }
  }

  /// A call outside a batch.
  mutating func call(
    of connection: ServerConnection, output buffer: consuming [UInt8],
    _ body: (inout ActiveConnection) -> Void
  ) -> Outcome {
    output = buffer
    body(&self)
    return end(of: connection)
  }

  /// Ends a call: does what was put off, writes what was sent, gives the buffer back.
  @inline(__always)
  mutating func end(of connection: ServerConnection) -> Outcome {
    if let extra = connection.extra, extra.hasWork { finish(extra, of: connection) }
    flush(of: connection, atTurnEnd: true)
    var buffer: [UInt8] = []
    swap(&buffer, &output)
    connection.host.giveBack(output: buffer)
    if core.isOpen { return .open }
    return core.shouldCloseTransport ? .ended : .closing
  }

  /// Does what was put off; and lets broadcasts go on that have waited for the end of a message.
  private mutating func finish(
    _ extra: ServerConnection.Extra, of connection: ServerConnection
  ) {
    runDeferred(extra)
    guard !extra.queue.isEmpty, core.canSendEncoded else { return }
    connection.loop.schedule(after: .zero) { [weak connection] in connection?.feedQueue() }
  }

  private mutating func runDeferred(_ extra: ServerConnection.Extra) {
    while !extra.deferred.isEmpty {
      let bodies = extra.deferred
      extra.deferred = []
      for body in bodies { body(&self) }
    }
  }
}
