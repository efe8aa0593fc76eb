import Transport
public import WebSocketProtocol

/// A connection in the hands of its handler, for the time of one call.
///
/// What is sent through it gathers in a buffer of the loop and goes out in one write at the end of the
/// read. Keep `handle` to come back to the connection later, from anything else on the same loop.
public struct ActiveConnection: ~Copyable {
  /// Payloads longer than this go to the kernel from where they are, without a copy.
  static let copyThreshold = 4 << 10
  /// What is gathered before it is written early.
  static let flushThreshold = 128 << 10

  /// What a call has made of the connection.
  enum Outcome {
    case open, closing, ended
  }

  var core: Connection
  /// What is sent and not written yet; the loop's buffer, for the time of a call.
  var output: [UInt8] = []
  /// What keeps `send` from its short way.
  var hindrances: Hindrances = []
  /// The connection itself while the WebSocket is open; it owns this, and lets go at its end.
  var current: ServerConnection?

  /// What keeps `send` from its short way.
  struct Hindrances: OptionSet {
    let rawValue: UInt8
    /// More output waits for the peer than the configuration allows.
    static let congested = Hindrances(rawValue: 1)
    /// What is sent is counted.
    static let counting = Hindrances(rawValue: 2)
  }

  /// Whether more output waits for the peer than the configuration allows.
  var isCongested: Bool {
    get { hindrances.contains(.congested) }
    set { if newValue { hindrances.insert(.congested) } else { hindrances.remove(.congested) } }
  }

  init(core: consuming Connection, of connection: ServerConnection? = nil) {
    self.core = core
    current = connection
  }

  /// The connection itself, which lives on.
  public var handle: ServerConnection {
    guard let current else { preconditionFailure("used outside the life of its connection") }
    return current
  }

  /// The connection's number, unique in the life of the server.
  public var id: ConnectionID { handle.id }

  /// Whether messages can be sent.
  public var canSend: Bool { core.isOpen }

  /// The octets that wait for the peer to take them.
  public var queuedByteCount: Int { handle.pendingByteCount + output.count }

  /// Sends a message.
  ///
  /// What the peer does not take is queued; beyond `ServerLimits.queuedOutputByteCount` nothing more is
  /// taken until `readyToSend`.
  @inline(__always)
  public mutating func send(
    _ kind: MessageKind, _ payload: Span<UInt8>
  ) throws(SendError) {
    if !hindrances.isEmpty { try checkHindrances() }
    try put(kind, payload)
  }

  /// Sends a text message.
  public mutating func send(_ text: String) throws(SendError) {
    try send(.text, text.utf8.span)
  }

  /// Sends one fragment of a message; the first one names the kind, later ones repeat it.
  public mutating func sendFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFinal: Bool
  ) throws(SendError) {
    try checkQueue()
    try putFragment(kind, payload, isFinal: isFinal)
  }

  /// Sends a fragment whatever is queued.
  mutating func putFragment(
    _ kind: MessageKind, _ payload: Span<UInt8>, isFinal: Bool
  ) throws(SendError) {
    do {
      try core.sendFragment(kind, payload, isFinal: isFinal, to: &output)
    } catch {
      throw .misuse(error)
    }
    if output.count >= Self.flushThreshold { flushEarly() }
  }

  /// Sends a Ping with at most 125 octets.
  public mutating func ping(_ payload: Span<UInt8>) throws(SendError) {
    try checkQueue()
    do {
      try core.sendPing(payload, to: &output)
    } catch {
      throw .misuse(error)
    }
  }

  /// Begins the closing handshake; the connection ends when the peer has answered, or in time.
  ///
  /// A code or reason that may not be sent is left out.
  public mutating func close(_ code: CloseCode? = .normalClosure, reason: String = "") {
    guard canSend else { return }
    handle.noteCause(.local)
    let now = handle.loop.now
    do {
      try core.close(code, reason: reason, at: now, to: &output)
    } catch {
      try? core.close(nil, at: now, to: &output)
    }
  }

  /// Stops reading from the peer, down to the TCP window, until `handle.resumeReceiving()`.
  public func pauseReceiving() {
    handle.pauseReceiving()
  }

  /// Sends a message whatever is queued.
  @inline(__always)
  mutating func put(_ kind: MessageKind, _ payload: Span<UInt8>) throws(SendError) {
    guard payload.count <= Self.copyThreshold else { return try putLong(kind, payload) }
    do {
      try core.send(kind, payload, to: &output)
    } catch {
      throw .misuse(error)
    }
    if output.count >= Self.flushThreshold { flushEarly() }
  }

  private mutating func putLong(_ kind: MessageKind, _ payload: Span<UInt8>) throws(SendError) {
    do {
      if try core.messageHeader(kind, payloadLength: payload.count, to: &output) {
        let connection = handle
        connection.write(output.span, payload)
        wrote(output.count + payload.count, of: connection)
        recycle(of: connection)
      } else {
        try core.send(kind, payload, to: &output)
        if output.count >= Self.flushThreshold { flushEarly() }
      }
    } catch {
      throw .misuse(error)
    }
  }

  /// Writes what was sent so far, before the end of the batch.
  @inline(never)
  private mutating func flushEarly() { flush(of: handle) }

  /// Writes what was sent so far; a peer that does not take it is not read from meanwhile.
  @inline(__always)
  mutating func flush(of connection: ServerConnection, atTurnEnd: Bool = false) {
    guard !output.isEmpty else { return }
    if atTurnEnd { connection.writeAtTurnEnd(output.span) } else { connection.write(output.span) }
    wrote(output.count, of: connection)
    recycle(of: connection)
  }

  private mutating func recycle(of connection: ServerConnection) {
    if output.capacity > ServerLoop.retainedCapacity {
      output = []
    } else {
      output.removeAll(keepingCapacity: true)
    }
    if connection.pendingByteCount > connection.host.queueLimit { congest(connection) }
  }

  private mutating func congest(_ connection: ServerConnection) {
    isCongested = true
    connection.pauses.insert(.output)
    connection.pauseReading()
    connection.host.context.observe(.congested(connection.id))
  }

  // What follows changes nothing of this value; `mutating` spares the compiler a copy of it, which it
  // makes of a noncopyable value that is lent.

  private mutating func checkQueue() throws(SendError) {
    if !hindrances.isEmpty { try checkHindrances() }
  }

  private mutating func checkHindrances() throws(SendError) {
    guard !isCongested else { throw .queueFull(byteCount: queuedByteCount) }
    countMessage()
  }

  /// Counts a message that is sent, where messages are counted.
  mutating func countMessage() {
    guard hindrances.contains(.counting) else { return }
    StatisticsCounters.add(1, to: handle.host.context.statistics.sentMessages)
    handle.facts?.traffic?.sentMessageCount += 1
  }

  /// Takes notice of octets that were written, in `output` and beside it.
  @inline(__always)
  private mutating func wrote(_ byteCount: Int, of connection: ServerConnection) {
    guard hindrances.contains(.counting) else { return }
    StatisticsCounters.add(byteCount, to: connection.host.context.statistics.sentBytes)
    connection.facts?.traffic?.sentByteCount += byteCount
  }
}

/// Why a message was not sent.
public enum SendError: Error, Sendable {
  /// More output waits than the configuration allows: wait for `readyToSend`.
  case queueFull(byteCount: Int)
  /// The connection is not open, or a fragmented message is not ended.
  case misuse(MisuseError)
}
