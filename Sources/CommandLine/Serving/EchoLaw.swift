import Glibc
import Reports

/// How an echo answers whose behaviour is known, so that a measurement can be held against it.
struct EchoLaw: Sendable, Hashable {
  /// How long a reply waits.
  enum Delay: Sendable, Hashable {
    case constant(Duration)
    /// Exponentially distributed, with this mean.
    case exponential(Duration)
  }

  /// Again and again there is a time without a reply; those that were due in it come at its end.
  struct Stall: Sendable, Hashable {
    var duration: Duration
    /// The time from the beginning of one to that of the next; the first begins when it has passed.
    var period: Duration
  }

  /// What goes wrong with one in so many messages.
  struct Mishap: Sendable, Hashable {
    enum Kind: String, CaseIterable, Sendable {
      case lose, double, reorder, corrupt, truncate
    }

    var kind: Kind
    var interval: Int
  }

  var delay: Delay?
  var stall: Stall?
  /// Replies per second, at most, over all connections.
  var rate: Double?
  var mishap: Mishap?

  /// Whether the echo answers at once and as it should.
  var isPlain: Bool { self == EchoLaw() }
}

// MARK: - As text

extension EchoLaw.Delay {
  /// Reads `5ms` or `exponential:5ms`.
  init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard let last = parts.last, let span = TimeSpan(argument: String(last)),
      span.duration <= .seconds(3600)
    else { return nil }
    switch parts.dropLast() {
    case []: self = .constant(span.duration)
    case ["exponential"]: self = .exponential(span.duration)
    default: return nil
    }
  }
}

extension EchoLaw.Stall {
  /// Reads `500ms/10s`.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
      TimeSpan(argument: String($0))?.duration
    }
    guard parts.count == 2, let duration = parts[0], let period = parts[1],
      duration > .zero, duration < period, period <= .seconds(86_400)
    else { return nil }
    self.init(duration: duration, period: period)
  }
}

extension EchoLaw.Mishap {
  /// Reads `lose/10000`.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])),
      let interval = Int(parts[1]), interval > 0
    else { return nil }
    self.init(kind: kind, interval: interval)
  }
}

// MARK: - In time

/// The course of a law over all connections: says of each message when its reply is due, and what befalls
/// it.
struct EchoCourse {
  /// What becomes of a message.
  struct Reply: Equatable {
    /// When it is due, since the start.
    var due: Duration
    var mishap: EchoLaw.Mishap.Kind?
  }

  let law: EchoLaw
  private(set) var messageCount = 0
  private(set) var mishapCount = 0
  private var nextTurn = Duration.zero
  private var random: SeededGenerator

  init(_ law: EchoLaw, seed: UInt64) {
    self.law = law
    random = SeededGenerator(seed: seed)
  }

  /// The reply to a message that came so long after the start.
  mutating func reply(at now: Duration) -> Reply {
    messageCount += 1
    var due = now
    switch law.delay {
    case .constant(let delay)?: due += delay
    case .exponential(let mean)?: due += mean * -log(1 - Double.random(in: 0..<1, using: &random))
    case nil: break
    }
    if let rate = law.rate {
      let turn = max(now, nextTurn)
      nextTurn = turn + .seconds(1) / rate
      due = max(due, turn)
    }
    if let stall = law.stall {
      let cycles = (due / stall.period).rounded(.down)
      let begin = stall.period * cycles
      if cycles >= 1, due < begin + stall.duration { due = begin + stall.duration }
    }
    guard let mishap = law.mishap, messageCount.isMultiple(of: mishap.interval) else {
      return Reply(due: due)
    }
    mishapCount += 1
    return Reply(due: due, mishap: mishap.kind)
  }
}
