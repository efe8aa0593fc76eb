import CaseLanguage
import WebSocketProtocol

/// The Pings beside those of the case; see ``PlayerManners/Pings``.
struct PingState {
  /// How many have been sent.
  var count = 0
  /// The payloads of those whose Pongs are due.
  var due: [[UInt8]] = []
}

extension Player {
  /// Arms the next Ping, if there are to be any.
  func armPing(at now: ContinuousClock.Instant) {
    if let interval = settings.manners.pings.interval { arm(.ping, after: interval, at: now) }
  }

  /// Sends a Ping; until its Pong comes, later ones do not put the time limit off.
  func ping(at now: ContinuousClock.Instant) {
    guard state == .open else { return }
    let pings = settings.manners.pings
    pingState.count += 1
    let number = UInt8(truncatingIfNeeded: pingState.count)
    let payload = [UInt8](repeating: number, count: min(max(pings.byteCount, 1), 125))
    send(Step.Frame(opcode: .ping, payload: .octets(payload)), at: now)
    if let timeout = pings.timeout, pingState.due.isEmpty {
      arm(.pong, after: timeout, at: now)
    }
    pingState.due.append(payload)
    armPing(at: now)
  }

  /// Whether a Pong answers a Ping of ours that is none of the case's.
  func takePong(_ payload: [UInt8]) -> Bool {
    guard let index = pingState.due.firstIndex(of: payload) else { return false }
    // A Pong may stand for the Pings before it too (RFC 6455 §5.5.3).
    pingState.due.removeFirst(index + 1)
    timers.removeAll { if case .pong = $0.kind { true } else { false } }
    return true
  }
}
