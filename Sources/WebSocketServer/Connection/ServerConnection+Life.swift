import Transport
import WebSocketProtocol

/// Whether the peer is there: the idle timeout and the heartbeat.
extension ServerConnection {
  /// The silence after which the connection is closed; `nil` for no such limit.
  ///
  /// It begins as `ServerTimeouts.idle`.
  public var idleTimeout: Duration? {
    get {
      let idle = idleMilliseconds
      return idle > 0 ? .milliseconds(idle) : nil
    }
    set {
      needExtra().idleMilliseconds = newValue.map { max(1, Int64($0 / .milliseconds(1))) } ?? 0
      guard phase == .open else { return }
      watches.insert(.activity)
      noteActivity(at: loop.now)
      // Within a call, the closing handshake sets its own deadline after it.
      guard isActive || active.core.isOpen else { return }
      deadline = nextOpenDeadline(at: loop.now)
    }
  }

  private var idleMilliseconds: Int64 {
    extra?.idleMilliseconds ?? host.context.idleMilliseconds
  }

  func noteActivity(at now: ContinuousClock.Instant) {
    guard watches.contains(.activity) else { return }
    lastActivity = host.context.milliseconds(at: now)
    beatAt = 0
  }

  /// Notes what has to be noted after a read.
  func noteBatch(byteCount: Int) {
    if watches.contains(.traffic) {
      facts?.traffic?.receivedByteCount += byteCount
      StatisticsCounters.add(byteCount, to: host.context.statistics.receivedBytes)
    }
    noteActivity(at: loop.now)
  }

  /// When the peer's silence has to be looked at next; `nil` for never.
  func nextOpenDeadline(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    var next = Int64.max
    let idle = idleMilliseconds
    if idle > 0 { next = lastActivity + idle }
    if let heartbeat = host.context.heartbeat {
      next = min(
        next, beatAt == 0 ? lastActivity + heartbeat.interval : beatAt + heartbeat.timeout)
    }
    guard next < .max else { return nil }
    return now + .milliseconds(max(1, next - host.context.milliseconds(at: now)))
  }

  /// Acts on the peer's silence.
  func checkLife(at now: ContinuousClock.Instant) {
    let time = host.context.milliseconds(at: now)
    if !pauses.isEmpty, host.context.heartbeat != nil, isTakingOutput {
      lastActivity = time
      beatAt = 0
    }
    let idle = idleMilliseconds
    if idle > 0, lastActivity + idle <= time {
      noteCause(.timeout(.idle))
      return close(.goingAway, reason: "idle")
    }
    if let heartbeat = host.context.heartbeat {
      if beatAt > 0, beatAt + heartbeat.timeout <= time { return giveUp() }
      if beatAt == 0, lastActivity + heartbeat.interval <= time { beat(heartbeat, at: time) }
    }
    guard phase == .open, !isActive, active.core.isOpen else { return }
    deadline = nextOpenDeadline(at: now)
  }

  /// Whether a peer that is not read from, and so cannot be heard, gives another sign of life: it takes
  /// some of what waits for it, or nothing waits.
  private var isTakingOutput: Bool {
    let extra = needExtra()
    let before = extra.pendingAtLastLook
    extra.pendingAtLastLook = pendingByteCount
    return pendingByteCount == 0 || pendingByteCount < before
  }

  private func beat(_ heartbeat: HeartbeatClock, at time: Int64) {
    switch heartbeat.beforeBeat?(self) ?? .ping([]) {
    case .skip: lastActivity = time
    case .ping(let payload):
      beatAt = max(1, time)
      perform { try? $0.ping(payload.span) }
    }
  }

  /// Ends the connection of a peer that is dead: it would not answer a Close either.
  private func giveUp() {
    noteCause(.timeout(.heartbeat))
    close(.internalError, reason: "no answer to the heartbeat", ending: .atOnce)
  }
}

/// The heartbeat in the server's own unit of time.
struct HeartbeatClock {
  let interval: Int64
  let timeout: Int64
  let beforeBeat: (@Sendable (ServerConnection) -> Heartbeat.Beat)?

  init(_ heartbeat: Heartbeat) {
    interval = max(1, Int64(heartbeat.interval / .milliseconds(1)))
    timeout = max(1, Int64(heartbeat.timeout / .milliseconds(1)))
    beforeBeat = heartbeat.beforeBeat
  }
}
