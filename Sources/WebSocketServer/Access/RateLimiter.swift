import Synchronization
import Transport

/// How often a client may ask, and fail.
public struct RateLimits: Hashable, Sendable {
  /// Requests and opening handshakes from one network in a minute; `nil` for no limit.
  public var requestsPerMinute: Int?
  /// Failed authentications from one network in a minute; `nil` for no limit.
  public var failuresPerMinute: Int? = 30
  /// How many networks are remembered; those beyond share one allowance.
  public var trackedNetworkCount = 50_000

  /// The limits as documented.
  public init() {}
}

/// Counts events by network in buckets that fill up again: bounded memory, whoever asks.
///
/// A network is an IPv4 address, or 64 bits of an IPv6 one, which is what a single customer has.
final class RateLimiter: Sendable {
  private struct Bucket {
    var tokens: Double
    var time: ContinuousClock.Instant
  }

  private struct State {
    var buckets: [String: Bucket] = [:]
    var lastSweep: ContinuousClock.Instant?
  }

  private let perMinute: Double
  private let capacity: Int
  private let state = Mutex(State())

  init(perMinute: Int, capacity: Int) {
    self.perMinute = Double(perMinute)
    self.capacity = max(1, capacity)
  }

  /// Takes one from the bucket; how long to wait if it is empty.
  func take(
    _ address: SocketAddress?, at now: ContinuousClock.Instant, peeks: Bool = false
  ) -> Duration? {
    let key = Self.network(of: address)
    return state.withLock { state in
      if state.buckets[key] == nil, state.buckets.count >= capacity { sweep(&state, now) }
      let isKnown = state.buckets[key] != nil || state.buckets.count < capacity
      let slot = isKnown ? key : "*"
      var bucket = state.buckets[slot] ?? Bucket(tokens: perMinute, time: now)
      let elapsed = (now - bucket.time) / .seconds(60)
      bucket.tokens = min(perMinute, bucket.tokens + elapsed * perMinute)
      bucket.time = now
      guard bucket.tokens >= 1 else {
        state.buckets[slot] = bucket
        return .seconds((1 - bucket.tokens) / perMinute * 60)
      }
      if !peeks { bucket.tokens -= 1 }
      state.buckets[slot] = bucket
      return nil
    }
  }

  /// Forgets those whose buckets are full again, at most once a second: looking is work too.
  private func sweep(_ state: inout State, _ now: ContinuousClock.Instant) {
    if let last = state.lastSweep, now < last + .seconds(1) { return }
    state.lastSweep = now
    state.buckets = state.buckets.filter { _, bucket in
      bucket.tokens + (now - bucket.time) / .seconds(60) * perMinute < perMinute
    }
  }

  static func network(of address: SocketAddress?) -> String {
    guard let address else { return "" }
    let host = address.host
    guard host.contains(":"), !host.contains(".") else { return host }
    // The first four groups, whether or not zeros were left out.
    let halves = host.components(separatedBy: "::")
    var groups = halves[0].split(separator: ":").map(String.init)
    if halves.count == 2 {
      let tail = halves[1].split(separator: ":").count
      groups += Array(repeating: "0", count: max(0, 8 - groups.count - tail))
    }
    return groups.prefix(4).joined(separator: ":") + "/64"
  }
}

extension String {
  /// The text between the occurrences of a separator.
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    guard let range = firstRange(of: separator) else { return [self[...]] }
    return [self[..<range.lowerBound], self[range.upperBound...]]
  }
}
