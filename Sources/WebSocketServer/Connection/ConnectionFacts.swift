public import Transport
public import WebSocketProtocol

/// What is known of a connection at one moment.
public struct ConnectionFacts: Sendable {
  /// How far a connection has come.
  public enum Phase: Sendable, Hashable {
    /// Waiting for a request.
    case opening
    /// The WebSocket is open.
    case open
    /// A Close was sent, or the end of the TCP connection is under way.
    case closing
  }

  /// The connection's number, unique in the life of the server.
  public let id: ConnectionID
  /// How far it has come.
  public let phase: Phase
  /// The index in `ServerConfiguration.listeners` of the listener that accepted it.
  public let listenerIndex: Int
  /// The server's own address on this connection.
  public let localAddress: SocketAddress?
  /// The client's address.
  public let peerAddress: SocketAddress?
  /// The opening handshake: URI, fields, Host, Origin, what was offered; `nil` before it, and where
  /// `ServerConfiguration.keepsRequests` is off.
  public let request: OpeningRequest?
  /// The subprotocol agreed on.
  public let subprotocol: String?
  /// What was agreed on for permessage-deflate; `nil` for no compression.
  public let compression: PerMessageDeflate.Agreement?
  /// What TLS has agreed on; `nil` for plain TCP.
  public let tls: TLSFacts?
  /// The channels subscribed to.
  public let channels: Set<String>
  /// Octets that wait for the peer to take them.
  public let queuedByteCount: Int
  /// Whether a message sent now would be taken.
  public let isReadyToSend: Bool
  /// Whether the peer is read from at the moment.
  public let isReceiving: Bool
  /// The silence after which the connection is closed; `nil` for no such limit.
  public let idleTimeout: Duration?
  /// Messages and octets each way; `nil` where `ServerConfiguration.countsTraffic` is off.
  public let traffic: ConnectionTraffic?
}

/// Messages and octets of one connection, each way.
public struct ConnectionTraffic: Sendable, Hashable {
  /// Messages that came.
  public var receivedMessageCount = 0
  /// Messages that went.
  public var sentMessageCount = 0
  /// Octets of WebSocket that came.
  public var receivedByteCount = 0
  /// Octets of WebSocket that went.
  public var sentByteCount = 0
}

/// What a connection keeps of its opening, and counts.
final class OpenedFacts {
  let request: OpeningRequest?
  let subprotocol: String?
  let listenerIndex: Int
  var traffic: ConnectionTraffic?

  init(request: OpeningRequest?, subprotocol: String?, listenerIndex: Int, countsTraffic: Bool) {
    self.request = request
    self.subprotocol = subprotocol
    self.listenerIndex = listenerIndex
    traffic = countsTraffic ? ConnectionTraffic() : nil
  }
}

extension ServerConnection {
  /// The opening handshake, where `ServerConfiguration.keepsRequests` is on.
  public var request: OpeningRequest? { facts?.request }

  /// The subprotocol agreed on.
  public var subprotocol: String? { facts?.subprotocol }

  /// Everything that is known of the connection now.
  public var allFacts: ConnectionFacts {
    let isOpen = phase == .open && (isActive || active.core.isOpen)
    let idle = extra?.idleMilliseconds ?? host.context.idleMilliseconds
    return ConnectionFacts(
      id: id, phase: phase == .opening ? .opening : isOpen ? .open : .closing,
      listenerIndex: facts?.listenerIndex ?? opening?.listenerIndex ?? 0,
      localAddress: localAddress, peerAddress: peerAddress, request: facts?.request,
      subprotocol: facts?.subprotocol, compression: isActive ? nil : active.core.compression,
      tls: tlsFacts, channels: channels, queuedByteCount: queuedByteCount,
      isReadyToSend: isOpen && !pauses.contains(.output), isReceiving: pauses.isEmpty,
      idleTimeout: idle > 0 ? .milliseconds(idle) : nil, traffic: facts?.traffic)
  }

  /// Keeps what is to be kept when the WebSocket is established.
  func established(_ request: OpeningRequest, subprotocol: String?, acceptedAt: Int64) {
    let configuration = host.context.configuration
    let counts = configuration.countsTraffic
    if configuration.keepsRequests || counts || subprotocol != nil {
      facts = OpenedFacts(
        request: configuration.keepsRequests ? request : nil, subprotocol: subprotocol,
        listenerIndex: request.listenerIndex, countsTraffic: counts)
    }
    let context = host.context
    if context.idleMilliseconds > 0 || context.heartbeat != nil { watches.insert(.activity) }
    if counts {
      watches.insert(.traffic)
      active.hindrances.insert(.counting)
      handler = CountingHandler(handler, context)
    }
    StatisticsCounters.add(1, to: context.statistics.opened)
    let latency = context.nanoseconds(at: loop.now) - acceptedAt
    StatisticsCounters.add(Int(latency), to: context.statistics.handshakeNanoseconds)
    context.metrics?.record(handshakeNanoseconds: latency)
    noteActivity(at: loop.now)
    deadline = nextOpenDeadline(at: loop.now)
  }
}
