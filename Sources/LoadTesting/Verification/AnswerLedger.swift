/// Keeps account of one connection's messages that are answered in any order.
struct AnswerLedger: Sendable {
  /// When a message was to be sent, and when it was.
  struct Sending: Equatable, Sendable {
    var planned: Int64
    var sent: Int64
  }

  /// What an answer means.
  enum Answer: Equatable, Sendable {
    /// The first to its message; overtaken if a later message was answered before.
    case first(Sending, isOvertaken: Bool)
    /// The first to its message, which had been given up.
    case late(Sending)
    /// One that had come before.
    case duplicate
    /// One to a message that was never sent.
    case unknown
  }

  /// The number of the message that will be sent next.
  private(set) var nextToSend: UInt64 = 0
  private var underWay: [UInt64: Sending] = [:]
  private var givenUp: [UInt64: Sending] = [:]
  /// All messages below it are under way no more.
  private var oldest: UInt64 = 0
  private var highestAnswered: UInt64?
  private var forgottenLosses: UInt64 = 0

  /// More messages given up than this are lost for good, so that a hopeless peer does not cost memory.
  private static let givenUpLimit = 65_536

  /// How many messages are under way.
  var underWayCount: Int { underWay.count }

  /// How many messages have no answer, those under way included.
  var missingCount: UInt64 { forgottenLosses + UInt64(givenUp.count + underWay.count) }

  /// Notes that a message is being sent; gives its number.
  mutating func send(planned: Int64, at now: Int64) -> UInt64 {
    underWay[nextToSend] = Sending(planned: planned, sent: now)
    nextToSend += 1
    return nextToSend - 1
  }

  /// Notes that an answer with this number came.
  mutating func receive(_ number: UInt64) -> Answer {
    guard number < nextToSend else { return .unknown }
    if let sending = underWay.removeValue(forKey: number) {
      let isOvertaken = number < highestAnswered ?? 0
      highestAnswered = max(highestAnswered ?? 0, number)
      return .first(sending, isOvertaken: isOvertaken)
    }
    if let sending = givenUp.removeValue(forKey: number) { return .late(sending) }
    return .duplicate
  }

  /// The oldest message under way, for answers that do not say to which they are.
  mutating func oldestUnderWay() -> UInt64? {
    while oldest < nextToSend, underWay[oldest] == nil { oldest += 1 }
    return oldest < nextToSend ? oldest : nil
  }

  /// Gives up the messages that were sent before `limit`.
  mutating func giveUp(sentBefore limit: Int64) {
    while let number = oldestUnderWay(), let sending = underWay[number], sending.sent < limit {
      underWay[number] = nil
      givenUp[number] = sending
      if givenUp.count > Self.givenUpLimit {
        forgottenLosses += UInt64(givenUp.count)
        givenUp = [:]
      }
    }
  }

  /// Gives up all messages, since their connection has ended.
  mutating func giveUpAll() { giveUp(sentBefore: .max) }

  /// Forgets what is under way, since we ourselves dropped the connection; gives how many messages that were.
  mutating func drop() -> Int {
    defer { underWay = [:] }
    return underWay.count
  }
}
