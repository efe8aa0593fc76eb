public import CaseLanguage
public import Reports
public import Transport

/// What a conformance server offers its clients, and what it grants them.
public struct ConformanceServerOptions: Sendable {
  /// A place to listen at.
  public struct Place: Sendable {
    /// The address; port 0 lets the system choose.
    public var address: SocketAddress
    /// How to speak TLS there; nil: plain TCP.
    public var tls: TLSContext?

    /// A place at `address`.
    public init(address: SocketAddress, tls: TLSContext? = nil) {
      self.address = address
      self.tls = tls
    }
  }

  /// What the cases need that have ports of their own.
  public struct OwnPorts: Sendable {
    /// Who signs the certificates, and whom the client is to trust; nil: no case shows any.
    public var authority: TestAuthority?
    /// The client's name: a connection that ends in TLS does not tell it.
    public var agent: String

    /// Ports for `agent`, with certificates of `authority`.
    public init(authority: TestAuthority?, agent: String) {
      self.authority = authority
      self.agent = agent
    }
  }

  /// Where to listen.
  public var places: [Place]
  /// The cases, in the order in which clients count them.
  public var cases: [Case]
  /// The name of clients that give none; nil: they are refused.
  public var agent: String?
  /// Who plays the cases with ports of their own; nil: nobody can, and they must not be among the cases.
  public var ownPorts: OwnPorts?
  /// Results of earlier runs, which are kept until the same client plays the same case again.
  public var earlier: ConformanceResults?
  /// Cases that a client is not to play: it gets a Close at once, and no result.
  public var skips: @Sendable (_ agent: String, _ playedCase: Case) -> Bool = { _, _ in false }
  /// Which cases keep their transcripts.
  public var transcripts = ConformanceOptions.Transcripts.failing
  /// Where the packets of cases go whose transcripts are kept; nil: nowhere.
  public var captures: CaptureFolder?
  /// Whether clients at any other path may say, in JSON, what frames they want to be sent.
  public var obeysCommands = false
  /// Time limits and bounds of each case.
  public var player = PlayerSettings()
  /// How the results say that a case can be played again; `{id}` stands for the case.
  public var replayCommand: String?
  /// How many event loops.
  public var loops = 1
  /// The longest head of a request, in octets.
  public var headByteCount = 16 << 10
  /// How long a client may take to send its request.
  public var requestTimeout = Duration.seconds(10)
  /// The most connections at a time.
  public var connectionLimit = 4096
  /// The most clients that may have results.
  public var agentLimit = 256
  /// How long `/getCaseStatus` waits for a case that is not being played.
  public var statusPatience = Duration.seconds(5)
  /// How many octets of compressed messages are kept for further cases.
  public var keptStreamByteCount = 128 << 20

  /// A server at `places` that offers `cases`.
  public init(places: [Place], cases: [Case]) {
    self.places = places
    self.cases = cases
  }
}
