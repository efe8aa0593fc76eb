public import CaseLanguage
public import HTTP
public import Transport
public import WebSocketProtocol

/// What a run against a server is to be like.
public struct ConformanceOptions: Sendable {
  /// Where the server is.
  public var url: WebSocketURL
  /// The cases, in the order in which their results are to be shown.
  public var cases: [Case]
  /// The name for the server; nil: what it calls itself, or else its host.
  public var agent: String?
  /// How to speak TLS; needed for `wss`.
  public var tls: TLSContext?
  /// How many light cases play at once.
  public var jobs = 32
  /// How many cases that move much play at once.
  public var heavyJobs = 8
  /// How many event loops.
  public var loops = 1
  /// Which cases keep their transcripts.
  public var transcripts = Transcripts.failing
  /// Time limits and bounds of each case.
  public var player = PlayerSettings()
  /// How long TCP and TLS may take.
  public var connectTimeout = Duration.seconds(10)
  /// How the peer's health is watched while hostile cases play; nil: it is not.
  public var health: HealthOptions? = HealthOptions()
  /// How many octets of compressed messages are kept for further cases.
  public var keptStreamByteCount = 128 << 20
  /// The number that the established suite gives each case in its reports, by case id.
  public var caseNumbers: [String: Int] = [:]
  /// Further fields of every opening request, such as Origin, unless a case sets them itself.
  public var fields = HTTPFields()
  /// The subprotocols on offer in every opening request, unless a case is about them.
  public var subprotocols: [String] = []
  /// The name to ask for and to verify over TLS; nil: the host of ``url``.
  public var tlsName: String?
  /// What masking keys, handshake keys and the order are drawn from: the same number gives the same.
  public var seed: UInt64 = .random(in: 0...(1 << 48))
  /// Whether the order of equally long cases is drawn too.
  public var shufflesOrder = false
  /// How many plays came before, for another lot in each.
  public var play = 0
  /// Where the packets of failing cases go; nil: nowhere.
  public var captures: CaptureFolder?
  /// Whether the run ends once many opening handshakes have got no answer, and none has got one.
  public var givesUpOnSilence = false
  /// Whether every time limit is longer for a peer that is far away.
  public var adaptsToRoundTrip = true
  /// How the results say that a case can be played again; `{id}` stands for the case.
  public var replayCommand: String?

  /// Which transcripts are kept.
  public enum Transcripts: String, Sendable, CaseIterable {
    /// Those of cases that fail.
    case failing
    /// Those of all cases.
    case all
    /// None.
    case none
  }

  /// A place, and how to speak TLS there.
  public struct Place: Sendable {
    /// Where the server is.
    public var url: WebSocketURL
    /// How to speak TLS.
    public var tls: TLSContext?

    /// A place.
    public init(url: WebSocketURL, tls: TLSContext? = nil) {
      self.url = url
      self.tls = tls
    }
  }

  /// A run of `cases` against the server at `url`.
  public init(url: WebSocketURL, cases: [Case]) {
    self.url = url
    self.cases = cases
    caseNumbers = Self.numbers(of: cases)
  }

  /// Numbers from 1 for the cases that have an alias, in their order.
  public static func numbers(of cases: [Case]) -> [String: Int] {
    var numbers: [String: Int] = [:]
    for item in cases where item.number(in: "autobahn") != nil {
      numbers[item.id] = numbers.count + 1
    }
    return numbers
  }
}
