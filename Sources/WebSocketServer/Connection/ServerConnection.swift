import Logging
import Synchronization
public import Transport
import WebSocketProtocol

/// One client's connection, from its first octet to its last; lives on one loop and is used only there.
///
/// Theory of operation. A connection is `opening` while it waits for the end of a request's head, `open`
/// once the WebSocket is established, `draining` after our FIN until the peer's, and `gone` at last.
/// The octets of one read are handled as one batch: every event goes to the handler, everything the
/// connection sends meanwhile is gathered in a buffer of the loop, and one write ends the batch. A batch
/// stops between two events when the connection is paused; the octets not yet handled are then held,
/// and reading stops until the pause ends. So neither a peer that does not read nor a handler that
/// lags can make the server queue without bound.
public final class ServerConnection: StreamSocket {
  enum Phase: UInt8 {
    case opening, open, raw, draining, gone
  }

  /// Why reading is paused.
  struct Pauses: OptionSet {
    let rawValue: UInt8
    /// The peer does not take our output.
    static let output = Pauses(rawValue: 1)
    /// The application asked for it.
    static let application = Pauses(rawValue: 2)
    /// The consumer of an `async` sequence has not asked for the next message.
    static let consumer = Pauses(rawValue: 4)
    /// As many messages wait for that consumer as may.
    static let full = Pauses(rawValue: 8)
  }

  /// What has to be noted after each read.
  struct Watches: OptionSet {
    let rawValue: UInt8
    /// That the peer is alive.
    static let activity = Watches(rawValue: 1)
    /// How many octets came.
    static let traffic = Watches(rawValue: 2)
  }

  /// The connection's number, unique in the life of the server.
  public let id: ConnectionID

  let host: ServerLoop
  private let cell: LoopCell<ActiveConnection>
  /// Whether a call of the handler for this connection is under way.
  var isActive = false
  var handler: any ConnectionHandler
  /// What only a connection needs that is still opening.
  var opening: OpeningState?
  /// What only a connection needs that was paused or is ending.
  var extra: Extra?
  /// Milliseconds of the server's life at the last read; kept only where there is an idle timeout.
  var lastActivity: Int64 = 0
  /// Milliseconds of the server's life at the beat that was not answered yet; 0 for none.
  var beatAt: Int64 = 0
  /// What is kept of the opening, and counted.
  var facts: OpenedFacts?
  var phase = Phase.opening
  /// What has to be noted after each read.
  var watches: Watches = []
  var pauses: Pauses = []
  var hasSeenEndOfStream = false

  /// Rarely needed state, allocated on first use.
  final class Extra {
    /// Octets read but not yet handled, from `heldStart` on.
    var held: [UInt8] = []
    var heldStart = 0
    /// What is to be done with the connection after the call of its handler that is under way.
    var deferred: [(inout ActiveConnection) -> Void] = []
    /// Whether there is something to do at the end of a call.
    var hasWork: Bool { !deferred.isEmpty || !queue.isEmpty }
    var cause: ConnectionClosure.Cause?
    var code: CloseCode?
    var reason = ""
    var channels: Set<String> = []
    /// Messages shared with others that wait for the peer.
    var queue = OutgoingQueue()
    /// Messages from sources, the first of them under way.
    var streams: [OutgoingStream] = []
    /// The idle timeout of this connection, where it has its own; 0 for none.
    var idleMilliseconds: Int64?
    /// Who has taken the connection over, where the peer speaks no HTTP.
    var raw: (any RawHandler)?
    /// Output pending at the last look, to see whether a draining peer makes progress.
    var pendingAtLastLook = 0
  }

  init(host: ServerLoop, id: ConnectionID, opening: OpeningState) {
    self.host = host
    self.id = id
    self.opening = opening
    cell = LoopCell(
      ActiveConnection(
        core: Connection(role: .server, configuration: host.context.connectionConfiguration)))
    handler = IdleHandler.shared
    super.init(loop: host.loop)
  }

  // MARK: State

  /// The server that the connection belongs to, to broadcast for example.
  public var server: WebSocketServer { host.context.server }

  /// The protocol's state and what is sent; not to be touched while `isActive`.
  var active: ActiveConnection {
    @inline(__always) _read { yield cell.value }
    @inline(__always) _modify { yield &cell.value }
  }

  /// The octets that wait for the peer to take them.
  public var queuedByteCount: Int { pendingByteCount }

  // MARK: From the transport

  /// Begins to wait for a request.
  public override func connected(_ timings: ConnectTimings) {
    deadline = loop.now + host.context.configuration.timeouts.openingHandshake
  }

  /// Handles one read's octets.
  public override func receive(_ bytes: inout MutableSpan<UInt8>) {
    switch phase {
    case .open: receiveMessages(&bytes)
    case .opening: receiveRequests(&bytes)
    case .raw: extra?.raw?.received(bytes.span, on: self)
    case .draining, .gone: break
    }
  }

  /// Handles the peer's FIN, once everything before it is handled.
  public override func receivedEndOfStream() {
    hasSeenEndOfStream = true
    guard !isHolding, !openingEndOfStream() else { return }
    if phase == .raw, let raw = extra?.raw { return raw.receivedEndOfStream(on: self) }
    endOfStream()
  }

  /// Goes on reading from a peer that has taken our output.
  public override func writable() {
    if phase == .draining { return close(linger: host.context.configuration.timeouts.linger) }
    guard !isActive, phase != .raw else { return }
    if phase == .opening { return openingOutputDrained() }
    if extra != nil { pumpStreams() }
    guard pendingByteCount == 0 else { return }
    if active.isCongested { host.context.observe(.readyToSend(id)) }
    active.isCongested = false
    if pauses.contains(.output) { resume(.output) }
    guard phase == .open else { return }
    activate { handler.readyToSend(&$0) }
  }

  /// Acts on the deadline of the phase.
  public override func deadlineReached() {
    switch phase {
    case .opening: openingTimedOut()
    case .open: openDeadlineReached()
    case .draining: drainingDeadlineReached()
    case .raw, .gone: break
    }
  }

  /// Tells the handler, and lets go of everything.
  public override func closed(_ reason: CloseReason) {
    guard phase != .gone else { return }
    let wasOpen = opening == nil && phase != .raw
    extra?.raw?.closed(self, reason)
    leaveAllChannels()
    failStreams()
    phase = .gone
    deadline = nil
    endExchange()
    opening = nil
    host.remove(self)
    let context = host.context
    if wasOpen {
      let closure = makeClosure(reason)
      handler.closed(self, closure)
      context.statistics.note(closure)
      context.observe(.closed(id, closure))
      context.log.write(
        .debug, .closed, at: loop.now, "connection closed", metadata: ["id": "\(id)"])
    }
    active.current = nil
    context.connectionCount.subtract(1, ordering: .relaxed)
    context.connectionEnded()
  }
}
