/// What a server listens on, how much it grants a peer, and how long it waits.
///
/// The defaults are safe on the open Internet: everything that a peer can grow has a bound, and every
/// phase but an open, quiet connection has a deadline.
public struct ServerConfiguration: Sendable {
  /// Where to listen; each may be plain or TLS.
  public var listeners: [ListenerConfiguration]

  /// The number of event loops, each with its own thread; `nil` means one for each processor.
  public var loopCount: Int?

  /// How long a loop looks for events again and again before it sleeps, and before a timer is due; up to a second.
  ///
  /// It spares messages the tens of microseconds that waking takes, and keeps a processor busy for each loop.
  public var busyPolling: Duration

  /// Whether loops run before all ordinary programs of the machine (`SCHED_FIFO`), and processors are kept awake.
  ///
  /// For latencies that nothing else on the machine shapes. It takes root's rights (CAP_SYS_NICE), and a server that never
  /// rests leaves other programs little.
  public var isRealTime: Bool

  /// Bounds on what a peer can make the server keep.
  public var limits: ServerLimits

  /// How long the phases of a connection may last.
  public var timeouts: ServerTimeouts

  /// Per-message compression (RFC 7692), or `nil` to decline it.
  public var compression: CompressionPolicy?

  /// The subprotocols the server speaks, the preferred one first (RFC 6455 §1.9).
  public var subprotocols: [String]

  /// Whether messages come whole or fragment by fragment.
  public var delivery: MessageDelivery

  /// Whether text is checked to be UTF-8, as RFC 6455 §8.1 demands; turn it off only between trusted peers.
  public var validatesUTF8: Bool

  /// Revives listeners that have failed; `nil` leaves them dead.
  public var watchdog: Watchdog?

  /// Pings silent peers and ends the connections of dead ones; `nil` leaves that to TCP and the idle timeout.
  public var heartbeat: Heartbeat?

  /// What becomes of a broadcast for a peer that is behind.
  public var slowConsumers: SlowConsumerPolicy

  /// Which peers may connect at all.
  public var peers: PeerFilter

  /// The application's decisions on peers before there is a WebSocket.
  public var hooks: ServerHooks

  /// What a peer is told, with 503, when there are as many connections as may be.
  public var busyMessage: String

  /// Whether each connection keeps its opening handshake, for ``ServerConnection/request``.
  public var keepsRequests: Bool

  /// Whether messages and octets are counted and handlers timed, for each connection and the server.
  ///
  /// Off, it costs nothing; on, two readings of the clock for each message.
  public var countsTraffic: Bool

  /// Begins the names under which measurements go to swift-metrics; `nil` sends none.
  public var metricsPrefix: String?

  /// Messages of more octets are sent in fragments of this many; `nil` sends each in one frame.
  public var fragmentByteCount: Int?

  /// What is answered to ordinary requests on the same port.
  public var http: HTTPService

  /// Who may come in; `nil` for everybody.
  public var access: AccessPolicy?

  /// How many days before its end a certificate is warned of, once a day; `nil` for never.
  public var certificateWarningDays: Int?

  /// The value of the `Server` field in responses; `nil` leaves it out.
  public var serverName: String?

  /// Creates a configuration with secure defaults.
  public init(listeners: [ListenerConfiguration] = []) {
    self.listeners = listeners
    loopCount = nil
    busyPolling = .zero
    isRealTime = false
    limits = ServerLimits()
    timeouts = ServerTimeouts()
    compression = CompressionPolicy()
    subprotocols = []
    delivery = .messages
    validatesUTF8 = true
    watchdog = Watchdog()
    heartbeat = nil
    slowConsumers = .wait
    peers = PeerFilter()
    hooks = ServerHooks()
    busyMessage = "The server has as many connections as it may; come back later."
    keepsRequests = true
    countsTraffic = false
    metricsPrefix = nil
    fragmentByteCount = nil
    serverName = "gauntlet"
    http = HTTPService()
    access = nil
    certificateWarningDays = 30
  }
}

/// Bounds on what peers can make the server keep or do.
public struct ServerLimits: Sendable, Hashable {
  /// The longest head of an HTTP request, in octets.
  public var headByteCount = 16 << 10
  /// The greatest number of fields in the head of an HTTP request.
  public var fieldCount = 100
  /// The longest payload of one frame, in octets.
  public var framePayloadByteCount = 16 << 20
  /// The longest message as sent, in octets.
  public var messageByteCount = 16 << 20
  /// The longest message after inflation, in octets.
  public var inflatedMessageByteCount = 16 << 20
  /// The greatest number of fragments in one message.
  public var fragmentCount = 1 << 17
  /// Output waiting for one peer, in octets, beyond which the server stops reading from that peer.
  public var queuedOutputByteCount = 1 << 20
  /// The greatest number of connections at one time; those beyond it are answered with 503.
  public var connectionCount = 100_000

  /// Creates the default limits.
  public init() {}
}

/// How long the phases of a connection may last.
public struct ServerTimeouts: Sendable, Hashable {
  /// From accepting the connection to the end of the TLS handshake.
  public var tlsHandshake: Duration = .seconds(10)
  /// From accepting the connection to the end of the request's head; also the wait for a next request.
  public var openingHandshake: Duration = .seconds(10)
  /// Silence of an open connection after which the server closes it; `nil` waits for ever.
  ///
  /// Of a WebSocket that another server serves, both sides must be silent.
  public var idle: Duration?
  /// From our Close to the peer's (RFC 6455 §7.1.1); from the end of a client whose WebSocket another
  /// server serves to that server's.
  public var closingHandshake: Duration = .seconds(5)
  /// From our FIN to the peer's, so that nothing we sent is lost to a reset.
  public var linger: Duration = .seconds(2)
  /// What a graceful shutdown allows for the closing handshakes, where nothing else is said.
  public var shutdown: Duration = .seconds(5)

  /// Creates the default timeouts.
  public init() {}
}

/// Whether messages come whole or fragment by fragment.
public enum MessageDelivery: Sendable, Hashable {
  /// Whole messages.
  case messages
  /// Fragments as they arrive, whatever the length of the message.
  case fragments
  /// Whole where the peer has sent the message in one frame, else fragments as they arrive.
  case asSent
}

/// How far the server goes along with an offer of permessage-deflate (RFC 7692 §7).
public struct CompressionPolicy: Sendable, Hashable {
  /// The effort of compression, 1 (fast) to 9 (small).
  ///
  /// Level 1 costs half the time of zlib's usual 6, for about a third more octets.
  public var level = 1
  /// The most memory each compressor may take, 1 to 9, as zlib counts it.
  public var memoryLevel = 8
  /// Messages shorter than this, in octets, are sent uncompressed.
  public var threshold = 0
  /// The greatest window the server compresses with, as a power of two (9 to 15).
  public var serverMaxWindowBits = 15
  /// The greatest window asked of clients that let us choose (8 to 15).
  public var clientMaxWindowBits = 15
  /// Whether the server forgets its window after each message, to save memory.
  public var serverNoContextTakeover = false
  /// Whether clients are told to forget theirs.
  public var clientNoContextTakeover = false
  /// Whether memory of a context that need not be kept is given back after each message.
  public var releasesContext = false

  /// Creates the default policy: take what is offered, with the largest windows.
  public init() {}
}
