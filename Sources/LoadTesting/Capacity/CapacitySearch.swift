/// Looks for the greatest load that is carried: doubles, bisects, and plays the two loads at the edge again
/// until it is sure of them.
///
/// Loads are whole numbers. A pure state machine: ask ``next`` which load to play, tell ``note(_:isMet:)`` what came of it. What one
/// play says may be chance, so that the plays of a load vote, and a load at the edge that is
/// outvoted moves the edge.
struct CapacitySearch {
  /// How the search may go.
  struct Bounds: Equatable, Sendable {
    /// The first load.
    var start: Double
    /// Less than this is not tried.
    var least: Double
    /// More than this is not tried.
    var limit: Double
    /// How far the edges may lie apart, as a share of the lower one.
    var precision: Double
    /// How often the loads at the edge are played.
    var confirmations: Int
  }

  private struct Tally {
    var metCount = 0
    var missedCount = 0

    var total: Int { metCount + missedCount }
    /// Whether most plays were carried; as many as not is not enough.
    var isMet: Bool { metCount > missedCount }
  }

  let bounds: Bounds
  private var tallies: [Double: Tally] = [:]
  private var playCount = 0

  /// More plays than this end the search, however noisy the server.
  private static let playLimit = 80

  init(_ bounds: Bounds) {
    self.bounds = bounds
  }

  /// Takes what came of a play.
  mutating func note(_ load: Double, isMet: Bool) {
    playCount += 1
    if isMet {
      tallies[load, default: Tally()].metCount += 1
    } else {
      tallies[load, default: Tally()].missedCount += 1
    }
  }

  /// The least load that most of its plays say is too much.
  var upper: Double? { tallies.filter { !$0.value.isMet }.keys.min() }

  /// The greatest load below ``upper`` that most of its plays say is carried.
  var lower: Double? {
    tallies.filter { $0.value.isMet && $0.key < upper ?? .infinity }.keys.max()
  }

  /// The greatest load up to ``lower`` that was carried in each of its plays.
  var low: Double? {
    guard let lower else { return nil }
    return tallies.filter { $0.value.missedCount == 0 && $0.key <= lower }.keys.max()
  }

  /// The least load from ``upper`` on that was carried in none of its plays.
  var high: Double? {
    guard let upper else { return nil }
    return tallies.filter { $0.value.metCount == 0 && $0.key >= upper }.keys.min()
  }

  /// The load to play next; nil when the edge is known.
  var next: Double? {
    guard playCount < Self.playLimit else { return nil }
    switch (lower, upper) {
    case (nil, nil): return bounds.start
    case (let lower?, nil):
      return lower < bounds.limit ? min(lower * 2, bounds.limit) : unconfirmed(lower)
    case (nil, let upper?):
      return upper > bounds.least
        ? max((upper / 2).rounded(.down), bounds.least) : unconfirmed(upper)
    case (let lower?, let upper?):
      let middle = ((lower + upper) / 2).rounded(.down)
      if upper - lower > lower * bounds.precision, middle > lower, middle < upper { return middle }
      return unconfirmed(lower) ?? unconfirmed(upper)
    }
  }

  private func unconfirmed(_ load: Double) -> Double? {
    tallies[load].map { $0.total < bounds.confirmations } == true ? load : nil
  }
}
