import HTTP
import WebSocketProtocol

/// Bounds, memory and time (RFC 6455 §10.4).
extension Fault {
  static let limitFaults: [Fault] = [
    Fault(
      .server, .limits, "heads-without-end", "RFC 9110 §5.4",
      "It reads a head of any length, and waits for its end."
    ) { $0.headLimits = HeadLimits(maximumByteCount: 1 << 40, maximumFieldCount: 65_000) },
    Fault(
      .both, .limits, "messages-end-at-64-kib", "RFC 6455 §10.4",
      "It takes no message of more than 64 KiB, however it comes."
    ) { $0.limits.messageByteCount = 64 << 10 },
    Fault(
      .both, .limits, "limit-on-compressed-octets", "RFC 6455 §10.4",
      "Its limit for messages holds for the compressed octets and not for the inflated ones."
    ) { $0.limits.inflatedMessageByteCount = 1 << 30 },
    Fault(
      .both, .limits, "limit-per-frame", "RFC 6455 §10.4",
      "Its limit for messages holds for each frame and not for the whole message."
    ) {
      $0.limits.messageByteCount = 1 << 30
      $0.limits.fragmentCount = 1 << 30
    },
  ]

  static let resourceFaults: [Fault] = [
    Fault(
      .both, .resources, "slow", "RFC 6455 §5.5.2",
      "It takes three seconds for each answer."
    ) { $0.answersAfter = .seconds(3) }
  ]
}
