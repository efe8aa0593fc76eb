import HTTP
import WebSocketProtocol

/// Bounds, memory and time (RFC 6455 §10.4).
extension Fault {
  static let limitFaults: [Fault] = [
    Fault(
      .server, .limits, "heads-without-end", "RFC 9110 §5.4",
      "It reads a head of any length, and waits for its end."
    ) {
      $0.headLimits = HeadLimits(
        maximumByteCount: 1 << 40, maximumStartLineByteCount: 1 << 40, maximumFieldCount: 65_000)
      $0.openingTimeout = .seconds(600)
    },
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
      "It takes three seconds to answer a frame."
    ) { $0.answersAfter = .seconds(3) },
    Fault(
      .server, .resources, "waits-for-requests", "RFC 9112 §9.5",
      "It keeps a connection for ten minutes on which no request comes."
    ) { $0.openingTimeout = .seconds(600) },
    Fault(
      .both, .resources, "waits-for-payloads", "RFC 6455 §5.5",
      "It looks at a header only when the payload that it announces is all there."
    ) { $0.hears = { _, _ in true } },
    Fault(
      .both, .resources, "fin-ignored", "RFC 6455 §7.1.7",
      "It does not notice that the peer has ended TCP without a Close, and keeps the connection."
    ) {
      $0.hearsEndOfStream = false
      $0.closingTimeout = .seconds(60)
    },
    Fault(
      .server, .resources, "keeps-tcp-open", "RFC 6455 §7.1.1",
      "It does not end TCP after the closing handshake."
    ) { $0.ending = .never },
  ]
}
