import Transport
import WebSocketProtocol
import WebSocketServer

/// Sends every message back after it has kept its processor busy: `gauntlet serve --work`.
///
/// A server that is slower by a known amount tells how small a change a comparison finds.
final class WorkingEcho: ConnectionHandler, Sendable {
  private let nanoseconds: Int64

  /// Works for so long on each message.
  init(_ work: Duration) {
    let (seconds, attoseconds) = work.components
    nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: inout ActiveConnection)
  {
    work()
    try? connection.send(kind, payload)
  }

  func receivedFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFirst: Bool, isFinal: Bool,
    on connection: inout ActiveConnection
  ) {
    if isFinal { work() }
    try? connection.sendFragment(kind, payload, isFinal: isFinal)
  }

  private func work() {
    let end = SystemClock.nanoseconds + nanoseconds
    while SystemClock.nanoseconds < end {}
  }
}
