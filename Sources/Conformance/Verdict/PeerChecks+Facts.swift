import CaseLanguage
import WebSocketProtocol

extension PeerChecks {
  /// What the facts have against the peer, in one line; nil: nothing.
  func complaint(_ facts: CaseFacts) -> String? {
    if contains(.noTunnel), let frame = Self.frame(in: facts.octetsAfterRefusal) {
      return "the server refused the opening handshake, and then sent a \(frame) frame"
    }
    guard facts.isOpened else { return nil }
    if contains(.freshMasks), let complaint = MaskingKeyReview.complaint(facts.maskingKeys) {
      return complaint
    }
    if contains(.writtenReason), let close = facts.remoteClose, close.reason.contains(0) {
      return "the reason of the peer's Close has NUL octets: it is memory that nobody wrote"
    }
    return nil
  }

  /// The name of the frame that answers one of ours, if the octets have one.
  ///
  /// An HTTP server may well answer what it did not understand, but not with this.
  private static func frame(in octets: [UInt8]) -> String? {
    for (start, name) in [(UInt8(0x81), "text"), (0x8a, "Pong")] {
      let frame = [start, UInt8(tunnelPayload.utf8.count)] + Array(tunnelPayload.utf8)
      if octets.count >= frame.count,
        (0...(octets.count - frame.count)).contains(where: { octets[$0...].starts(with: frame) })
      {
        return name
      }
    }
    return nil
  }

  /// What the text or the Ping behind a refused request has to hold.
  static let tunnelPayload = "through"
}
