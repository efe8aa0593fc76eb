import Transport
public import WebSocketProtocol

/// The connected clients; from any thread or task, without blocking.
///
/// Connections come and go meanwhile: an id that is gone names nobody, and what is said to it is dropped.
extension WebSocketServer {
  /// What the server has counted since its start.
  public var statistics: ServerStatistics { currentRun?.context.snapshot() ?? ServerStatistics() }

  /// Everything that is known of a connection now; `nil` if it is gone.
  public func facts(of id: ConnectionID) async -> ConnectionFacts? {
    await onLoop(of: id) { $0.connection(id)?.allFacts }.flatMap { $0 }
  }

  /// Whether a connection is still there.
  public func contains(_ id: ConnectionID) async -> Bool {
    await onLoop(of: id) { $0.connection(id) != nil } ?? false
  }

  /// Everything that is known of every connection there is now, in no particular order.
  public func connections() async -> [ConnectionFacts] {
    var all: [ConnectionFacts] = []
    for share in currentRun?.loops ?? [] {
      all +=
        await Self.onLoop(share) { loop in
          var facts: [ConnectionFacts] = []
          loop.forEach { facts.append($0.allFacts) }
          return facts
        } ?? []
    }
    return all
  }

  /// Runs `body` with a connection, on its loop, if it is still there.
  public func perform(
    on id: ConnectionID, _ body: @escaping @Sendable (ServerConnection) -> Void
  ) {
    currentRun?.loop(of: id)?.execute { loop in
      if let connection = loop.connection(id) { body(connection) }
    }
  }

  /// Sends a message to one.
  public func send(_ message: Message, to id: ConnectionID) {
    perform(on: id) { $0.send(message.kind, message.bytes) }
  }

  /// Pings one.
  public func ping(_ id: ConnectionID, _ payload: [UInt8] = []) {
    perform(on: id) { connection in connection.perform { try? $0.ping(payload.span) } }
  }

  /// Pings all.
  public func pingAll(_ payload: [UInt8] = []) {
    currentRun?.forEachLoop { loop in
      loop.forEach { connection in connection.perform { try? $0.ping(payload.span) } }
    }
  }

  /// Subscribes a connection to a channel, until it ends.
  public func subscribe(_ id: ConnectionID, to channel: String) {
    perform(on: id) { $0.subscribe(to: channel) }
  }

  /// Ends a subscription.
  public func unsubscribe(_ id: ConnectionID, from channel: String) {
    perform(on: id) { $0.unsubscribe(from: channel) }
  }

  /// Closes one.
  /// - Parameters:
  ///   - id: Which.
  ///   - code: The code for the peer; one that may not be sent is left out.
  ///   - reason: At most 123 octets.
  ///   - ending: Whether the peer's Close is waited for.
  public func close(
    _ id: ConnectionID, _ code: CloseCode = .normalClosure, reason: String = "",
    ending: CloseEnding = .whenAnswered
  ) {
    perform(on: id) { $0.close(code, reason: reason, ending: ending) }
  }

  /// Ends one at once, without a closing handshake.
  public func disconnect(_ id: ConnectionID) {
    perform(on: id) { $0.disconnect() }
  }

  /// Closes all, with or without a WebSocket, while listening goes on.
  public func disconnectAll(
    _ code: CloseCode = .goingAway, reason: String = "", ending: CloseEnding = .whenAnswered
  ) {
    currentRun?.forEachLoop { loop in
      loop.forEach { $0.dismiss(code, reason: reason, ending: ending) }
    }
  }

  private func onLoop<Result: Sendable>(
    of id: ConnectionID, _ body: @escaping @Sendable (ServerLoop) -> Result
  ) async -> Result? {
    guard let share = currentRun?.loop(of: id) else { return nil }
    return await Self.onLoop(share, body)
  }

  /// Asks a loop, on its thread; `nil` if it has ended.
  private static func onLoop<Result: Sendable>(
    _ share: LoopBound<ServerLoop>, _ body: @escaping @Sendable (ServerLoop) -> Result
  ) async -> Result? {
    await Task(executorPreference: share.loop) {
      share.loop.isCurrent ? body(share.value) : nil
    }.value
  }
}

/// How a connection ends after our Close.
public enum CloseEnding: Sendable, Hashable {
  /// When the peer's Close has come, or the time for it is over.
  case whenAnswered
  /// At once, when our Close has gone out.
  case atOnce
}
