import Transport
import WebSocketProtocol

/// Stands before a handler where messages are counted and timed; elsewhere it costs nothing.
final class CountingHandler: ConnectionHandler {
  private let handler: any ConnectionHandler
  private let counters: StatisticsCounters
  private let metrics: ServerMetrics?

  init(_ handler: any ConnectionHandler, _ context: ServerContext) {
    self.handler = handler
    counters = context.statistics
    metrics = context.metrics
  }

  func opened(_ connection: inout ActiveConnection) { handler.opened(&connection) }

  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    count(connection.handle)
    let begin = ContinuousClock.now
    handler.received(kind, payload, on: &connection)
    time(since: begin)
  }

  func receivedFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFirst: Bool, isFinal: Bool,
    on connection: inout ActiveConnection
  ) {
    if isFirst { count(connection.handle) }
    let begin = ContinuousClock.now
    handler.receivedFragment(kind, payload, isFirst: isFirst, isFinal: isFinal, on: &connection)
    time(since: begin)
  }

  func receivedPing(_ payload: Span<UInt8>, on connection: inout ActiveConnection) {
    handler.receivedPing(payload, on: &connection)
  }

  func receivedPong(_ payload: Span<UInt8>, on connection: inout ActiveConnection) {
    handler.receivedPong(payload, on: &connection)
  }

  func readyToSend(_ connection: inout ActiveConnection) { handler.readyToSend(&connection) }

  func closed(_ connection: ServerConnection, _ closure: ConnectionClosure) {
    handler.closed(connection, closure)
  }

  private func count(_ connection: ServerConnection) {
    StatisticsCounters.add(1, to: counters.receivedMessages)
    connection.facts?.traffic?.receivedMessageCount += 1
  }

  private func time(since begin: ContinuousClock.Instant) {
    let nanoseconds = Int((ContinuousClock.now - begin) / .nanoseconds(1))
    StatisticsCounters.add(nanoseconds, to: counters.messageNanoseconds)
    metrics?.record(messageNanoseconds: Int64(nanoseconds))
  }
}
