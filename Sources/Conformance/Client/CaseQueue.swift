public import CaseLanguage

/// Which case plays next: light ones first, many at once; then the hostile ones, and then the heavy
/// ones, a few at once.
///
/// The verdicts of light cases depend on fractions of a second, so nothing heavy plays beside them.
/// A light case that only our own time limits decided is played once more in a small company, if they
/// are few: then the load of the others may have been to blame.
struct CaseQueue {
  private let cases: [Case]
  private let jobs: Int
  private let heavyJobs: Int
  private var light: [Int] = []
  private var suspects: [Int] = []
  private var hostile: [Int] = []
  private var heavy: [Int] = []
  private var running: Set<Int> = []
  private var phase = Phase.light
  private var repeated: Set<Int> = []

  private enum Phase { case light, suspects, hostile, heavy }

  private let hostileJobsLimit: Int
  /// How many hostile cases may play at once where the peer's process is not watched: what it uses
  /// could not be told apart.
  static let hostileJobs = 8

  /// How many cases may be played once more.
  static let suspectLimit = 12
  /// How many of them at once.
  static let suspectJobs = 2

  init(
    _ cases: [Case], jobs: Int, heavyJobs: Int, hostileJobs: Int = Self.hostileJobs,
    treatsAllAsLight: Bool, shuffledWith seed: UInt64? = nil
  ) {
    self.cases = cases
    self.jobs = max(1, jobs)
    self.heavyJobs = max(1, min(heavyJobs, jobs))
    hostileJobsLimit = max(1, min(hostileJobs, jobs))
    for (index, item) in cases.enumerated() {
      if item.isHostile, !treatsAllAsLight {
        hostile.append(index)
      } else if treatsAllAsLight || item.weight < CaseWeight.heavy {
        light.append(index)
      } else {
        heavy.append(index)
      }
    }
    // The longest first, and last in these arrays; equal ones in their order.
    var ranks = Array(cases.indices)
    if let seed {
      var lot = SeededKeys(seed: seed, caseID: "order")
      ranks.shuffle(using: &lot)
    }
    light.sort { (cases[$0].leastDuration, ranks[$1]) < (cases[$1].leastDuration, ranks[$0]) }
    hostile.reverse()
    let weights = cases.map(\.weight)
    heavy.sort { (weights[$0], ranks[$1]) < (weights[$1], ranks[$0]) }
  }

  /// Whether every case has been played.
  var isDone: Bool {
    running.isEmpty && light.isEmpty && hostile.isEmpty && heavy.isEmpty
      && (suspects.isEmpty || areTooManySuspects)
  }

  /// So many suspects that they are not played once more.
  private var areTooManySuspects: Bool { phase == .light && suspects.count > Self.suspectLimit }

  /// The case that is to be started now; nil: none, until one ends.
  mutating func next() -> Int? {
    switch phase {
    case .light:
      if let index = take(from: \.light, atMost: jobs) { return index }
      guard light.isEmpty, running.isEmpty else { return nil }
      if areTooManySuspects { suspects = [] }
      repeated.formUnion(suspects)
      phase = .suspects
      return next()
    case .suspects:
      if let index = take(from: \.suspects, atMost: min(Self.suspectJobs, jobs)) { return index }
      guard suspects.isEmpty, running.isEmpty else { return nil }
      phase = .hostile
      return next()
    case .hostile:
      if let index = take(from: \.hostile, atMost: hostileJobsLimit) { return index }
      guard hostile.isEmpty, running.isEmpty else { return nil }
      phase = .heavy
      return next()
    case .heavy: return take(from: \.heavy, atMost: heavyJobs)
    }
  }

  /// A case has ended.
  ///
  /// - Returns: Whether it may be played once more; its result is to be replaced then.
  mutating func ended(_ index: Int, isSuspect: Bool) {
    running.remove(index)
    guard isSuspect, phase == .light, jobs > Self.suspectJobs, !repeated.contains(index) else {
      return
    }
    suspects.append(index)
  }

  /// A case could not be connected and is to be tried again.
  mutating func putBack(_ index: Int) {
    running.remove(index)
    switch phase {
    case .light: light.insert(index, at: 0)
    case .suspects: suspects.insert(index, at: 0)
    case .hostile: hostile.insert(index, at: 0)
    case .heavy: heavy.insert(index, at: 0)
    }
  }

  /// Nothing more is to be started.
  mutating func cancel() {
    light = []
    suspects = []
    hostile = []
    heavy = []
  }

  private mutating func take(
    from list: WritableKeyPath<CaseQueue, [Int]>, atMost limit: Int
  ) -> Int? {
    guard running.count < limit, let index = self[keyPath: list].popLast() else { return nil }
    running.insert(index)
    return index
  }
}

/// What a case moves, roughly.
enum CaseWeight {
  /// From here on a case is heavy.
  static let heavy = 600_000
}

extension Case {
  /// Whether the case moves so much that few of its kind are to play at once.
  public var isHeavy: Bool { weight >= CaseWeight.heavy }

  /// Whether the case is one of those after which a weak peer is no longer well.
  var isHostile: Bool { tags.contains("hostile") }

  /// The octets that the case sends, and a surcharge for each message and each piece.
  var weight: Int {
    steps.reduce(0) { sum, step in
      switch step {
      case .frame(let frame): sum + weight(frame.payload.quickCount, frame.delivery)
      case .message(let message):
        sum + weight(message.payload.quickCount, message.delivery)
          + 64 * (message.payload.quickCount / max(1, message.fragmentSize ?? .max))
      case .exchange(let exchange): sum + exchange.count * (1000 + exchange.messageByteCount)
      case .octets(let payload, let delivery): sum + weight(payload.quickCount, delivery)
      case .opening(let script): sum + weight(script.quickCount, script.delivery)
      default: sum
      }
    }
  }

  private func weight(_ count: Int, _ delivery: Delivery) -> Int {
    if case .pieces(let size) = delivery { count + 1000 * (count / max(1, size)) } else { count }
  }

  /// The pauses of the case: it cannot be over before.
  var leastDuration: Duration {
    steps.reduce(.zero) { sum, step in
      if case .pause(let pause) = step { sum + pause.duration } else { sum }
    }
  }
}

extension Payload {
  /// The number of octets, roughly where it would have to be counted.
  fileprivate var quickCount: Int {
    if case .slice(_, let range) = self { range.count } else { count }
  }
}

extension HeadScript {
  /// The number of octets that the script adds to the usual head, roughly.
  fileprivate var quickCount: Int {
    edits.reduce(0) { sum, edit in
      let value: HeadValue? =
        switch edit {
        case .part(_, let value), .field(_, let value): value
        case .addition(_, let value), .line(let value): value
        }
      return (value?.terms ?? []).reduce(sum) { sum, term in
        if case .octets(let payload) = term { sum + payload.quickCount } else { sum }
      }
    }
  }
}

extension Step.Exchange {
  /// The octets of one message, roughly.
  fileprivate var messageByteCount: Int {
    switch content {
    case .constant(let payload): payload.quickCount
    case .slices(_, let length): length
    }
  }
}
