/// What a caller of ``Connection`` may not do; nothing was written to the output.
public enum MisuseError: Error, Hashable, Sendable {
  /// A Close frame has been sent or received: nothing more may be sent, per RFC 6455 §5.5.1.
  case notOpen
  /// A message is being sent in fragments, and this is not its next one, per RFC 6455 §5.4.
  case interleavedMessage
  /// A control frame holds at most 125 octets, per RFC 6455 §5.5; the reason of a Close 123.
  case controlPayloadTooLong
  /// The code may not stand in a Close frame, per RFC 6455 §7.4; or there is a reason without code.
  case closeCodeNotPermitted
}

extension MisuseError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .notOpen: "the connection is closing or closed: nothing more can be sent"
    case .interleavedMessage: "another message is being sent in fragments: finish it first"
    case .controlPayloadTooLong: "a control frame holds at most 125 octets"
    case .closeCodeNotPermitted: "this close code may not be sent"
    }
  }
}
