public import CaseLanguage
import HTTP
public import Reports
public import Transport
public import WebSocketProtocol

/// All that is left of a case that was played.
public struct PlayRecord: Sendable {
  /// The case.
  public var playedCase: Case
  /// What happened.
  public var facts: CaseFacts
  /// When the connection was up.
  public var started = Timestamp.now()
  /// From the end of the opening handshake to the end of TCP.
  public var elapsed = Duration.zero
  /// The request head as it was sent.
  public var requestHead: [UInt8] = []
  /// The response head as it arrived, or what came in its place; at most a few kilobytes.
  public var responseHead: [UInt8] = []
  /// The `Server` field of the response.
  public var serverField: String?
  /// The compression that was agreed on.
  public var compression: PerMessageDeflate.Agreement?
  /// How the peer fared meanwhile, if the case is hostile and its health was watched.
  public var health: HealthReport?
  /// Why there was no connection.
  public var transportError: TransportError?
  /// What was on the wire.
  public var transcript: [TranscriptRecorder.Entry] = []
  /// How many entries are missing after the first ``leadingEntryCount``.
  public var omittedEntryCount = 0
  /// How many entries come before those that are missing.
  public var leadingEntryCount = 0
  /// When the case began, for the offsets of the transcript.
  public var startedAt: ContinuousClock.Instant?
  /// What was sent.
  public var sent = TranscriptRecorder.Counts()
  /// What arrived.
  public var received = TranscriptRecorder.Counts()
  /// Reads by how many octets they gave.
  public var reads: [Int: Int] = [:]
  /// Writes by how many octets they had.
  public var writes: [Int: Int] = [:]

  /// When TCP and TLS were up.
  public var connecting: ConnectTimings?
  /// From the request to the response of the opening handshake.
  public var roundTrip: Duration?
  /// What was agreed on for TLS.
  public var tls: TLSFacts?
  /// What went over the connection, if that was wanted.
  public var capture: PacketCapture?
  /// The client's port, for the capture.
  public var clientPort: UInt16 = 0

  /// Nothing has happened yet.
  public init(playedCase: Case, facts: CaseFacts) {
    self.playedCase = playedCase
    self.facts = facts
  }

  /// What is left of `player`, whose connection has ended.
  mutating func take(_ player: Player, at now: ContinuousClock.Instant) {
    let recorder = player.recorder
    facts = player.facts
    requestHead = player.requestHead
    responseHead = player.responseHead
    serverField = facts.response?.fields[.server]
    compression = player.agreement
    elapsed = (player.openedAt ?? recorder.startedAt).map { now - $0 } ?? .zero
    if let openedAt = player.openedAt { roundTrip = recorder.startedAt.map { openedAt - $0 } }
    transcript = recorder.entries
    omittedEntryCount = recorder.omittedCount
    leadingEntryCount = recorder.leadingCount
    startedAt = recorder.startedAt
    sent = recorder.sent
    received = recorder.received
    reads = recorder.reads
    writes = recorder.writes
  }

  /// Whether not one octet answered the opening handshake.
  var isUnanswered: Bool { facts.openingTimedOut && responseHead.isEmpty }

  /// Whether only our own time limits made the verdict what it is: then load may have been to blame.
  public var wasCutShort: Bool {
    facts.closeReplyTimedOut || facts.serverDropTimedOut || facts.openingTimedOut
      || facts.deadlinePassed
  }
}
