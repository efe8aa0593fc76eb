/// What the messages of a plan are for: what a connection sends, and what it expects.
public enum LoadTraffic: Sendable, Equatable {
  /// The server sends every message back.
  case echo
  /// Pings, whose pongs are timed.
  case ping
  /// Requests, to each of which one reply comes, in any order.
  case exchange(Exchange)
  /// The server sends by itself.
  case push(Push)
  /// What a few connections publish comes to many.
  case fanOut(FanOut)
  /// Conformance cases, one after the other on each connection.
  case cases(CaseReplay)

  /// Requests and replies; the requests are the plan's payload, with `{{sequence}}` in it.
  public struct Exchange: Sendable, Equatable {
    /// Where the number is in a reply: behind a text such as `"id":`, which space and a quotation mark may follow, or,
    /// beginning with `/`, at a JSON Pointer (RFC 6901).
    public var marker: String

    /// Replies that carry their request's number at `marker`.
    public init(marker: String) {
      self.marker = marker
    }
  }

  /// Messages of the server.
  public struct Push: Sendable, Equatable {
    /// What to send when a connection is open, to be sent messages.
    public var subscriptions: [String] = []
    /// Where a message says when it was sent; nil: it does not, and latency is not measured.
    public var time: TimeField?
    /// What stands before a number that counts the messages of a connection, or the JSON Pointer of it, as
    /// ``Exchange/marker``; nil: they are not counted.
    public var sequenceMarker: String?

    /// Messages without time and number.
    public init() {}
  }

  /// Where a message of the server says when it was sent, since the epoch.
  public struct TimeField: Sendable, Equatable {
    /// How to find it.
    public enum Place: Sendable, Equatable {
      /// Decimal digits behind this text or at this JSON Pointer, as ``Exchange/marker``.
      case text(marker: String)
      /// Eight octets at this offset, the most significant first.
      case binary(offset: Int)
    }

    /// How to find it.
    public var place: Place
    /// How many nanoseconds one of it is.
    public var unit: Int64

    /// A time at a place; `unit` is in nanoseconds.
    public init(_ place: Place, unit: Int64) {
      self.place = place
      self.unit = unit
    }
  }

  /// Publishers and subscribers: the first connections of the plan publish, at its rate, and the others
  /// subscribe.
  ///
  /// What is published is the plan's payload: octets with `{{stamp}}` in them, or generated ones, which begin with it.
  public struct FanOut: Sendable, Equatable {
    /// How many connections publish.
    public var publishers: Int
    /// How many channels there are, `0` and so on; publishers and subscribers are dealt to them in turn.
    public var channels = 1
    /// What a subscriber sends when it is open; `{{channel}}` in it is its channel.
    public var subscriptions: [String] = []
    /// Whether publishers are subscribers too, and get their own messages.
    public var publishersListen = false

    /// So many publishers and one channel.
    public init(publishers: Int = 1) {
      self.publishers = publishers
    }
  }
}

extension LoadTraffic {
  /// Whether some connections publish and others subscribe.
  var isFanOut: Bool {
    if case .fanOut = self { true } else { false }
  }
}

/// How long connections live that are replaced, so that there is a steady rate of new ones: churn.
public struct ConnectionLifetime: Sendable, Equatable {
  /// How lifetimes are distributed.
  public enum Law: String, Sendable, Equatable, CaseIterable {
    /// All are equally long.
    case fixed
    /// Short ones are many and long ones few, as if each moment were a connection's last with the same chance.
    case exponential
  }

  /// How lifetimes are distributed.
  public var law: Law
  /// How long a connection lives on average.
  public var mean: Duration

  /// Lifetimes by a law.
  public init(_ law: Law, mean: Duration) {
    self.law = law
    self.mean = mean
  }
}

/// A moment at which a share of all connections is dropped, and comes back at once.
public struct ReconnectStorm: Sendable, Equatable {
  /// When, since the measuring began.
  public var offset: Duration
  /// How many, 0 to 1.
  public var share: Double
  /// Whether they end with a reset instead of a Close.
  public var resets: Bool

  /// A storm.
  public init(offset: Duration, share: Double = 1, resets: Bool = false) {
    self.offset = offset
    self.share = share
    self.resets = resets
  }
}

/// A share of connections that read slowly.
public struct SlowReaders: Sendable, Equatable {
  /// How many, above 0 to 1.
  public var share: Double
  /// Octets that each of them reads in a second.
  public var octetsPerSecond: Int

  /// Readers of a rate.
  public init(share: Double, octetsPerSecond: Int) {
    self.share = share
    self.octetsPerSecond = octetsPerSecond
  }
}
