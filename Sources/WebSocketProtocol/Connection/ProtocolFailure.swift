/// What the peer did that makes us _Fail the WebSocket Connection_, per RFC 6455 §7.1.7.
public enum ProtocolFailure: Error, Hashable, Sendable {
  /// RSV bits without an extension that gives them a meaning.
  case reservedBitsSet(UInt8)
  /// RSV1 on a control frame or on a later fragment.
  case misplacedCompressionBit(Opcode)
  /// An opcode without a meaning.
  case reservedOpcode(Opcode)
  /// A control frame without FIN.
  case fragmentedControlFrame(Opcode)
  /// A control frame of more than 125 octets.
  case oversizedControlFrame(Opcode)
  /// A client sent a frame without a mask.
  case frameNotMasked
  /// A server sent a frame with a mask.
  case frameMasked
  /// A length that would have fitted a shorter form.
  case lengthNotMinimal(UInt64)
  /// A length of 2⁶³ or more.
  case lengthOutOfRange(UInt64)
  /// A continuation frame without a message to continue.
  case unexpectedContinuation
  /// A new message before the one under way has ended.
  case interleavedMessage(Opcode)
  /// A Close frame with one octet of payload.
  case truncatedCloseCode
  /// A Close frame with a code that may not be sent.
  case closeCodeNotPermitted(CloseCode)
  /// A Close frame whose reason is not UTF-8.
  case closeReasonNotUTF8
  /// A text message that is not UTF-8.
  case textNotUTF8
  /// A compressed message that cannot be inflated.
  case compressionCorrupt
  /// A frame longer than the limit.
  case frameTooBig(UInt64)
  /// A message longer than the limit.
  case messageTooBig
  /// A compressed message that inflates to more than the limit.
  case inflatedMessageTooBig
  /// A message in more fragments than the limit.
  case tooManyFragments
  /// There was no memory for inflating.
  case outOfMemory

  /// The code of our Close frame.
  public var code: CloseCode {
    switch self {
    case .closeReasonNotUTF8, .textNotUTF8, .compressionCorrupt: .invalidPayloadData
    case .frameTooBig, .messageTooBig, .inflatedMessageTooBig: .messageTooBig
    case .tooManyFragments: .policyViolation
    case .outOfMemory: .internalError
    default: .protocolError
    }
  }

  /// Where the rule stands.
  public var clause: String {
    switch self {
    case .reservedBitsSet, .reservedOpcode, .lengthNotMinimal, .lengthOutOfRange: "RFC 6455 §5.2"
    case .misplacedCompressionBit: "RFC 7692 §6.1"
    case .fragmentedControlFrame, .oversizedControlFrame: "RFC 6455 §5.5"
    case .frameNotMasked, .frameMasked: "RFC 6455 §5.1"
    case .unexpectedContinuation, .interleavedMessage: "RFC 6455 §5.4"
    case .truncatedCloseCode, .closeReasonNotUTF8: "RFC 6455 §5.5.1"
    case .closeCodeNotPermitted: "RFC 6455 §7.4"
    case .textNotUTF8: "RFC 6455 §8.1"
    case .compressionCorrupt: "RFC 7692 §7.2.2"
    case .frameTooBig, .messageTooBig, .inflatedMessageTooBig, .tooManyFragments, .outOfMemory:
      "RFC 6455 §10.4"
    }
  }

  /// One short sentence, which also is the reason in our Close frame.
  public var sentence: String {
    switch self {
    case .reservedBitsSet(let rsv): "reserved bits \(rsv) set without an extension"
    case .misplacedCompressionBit(let opcode): "RSV1 set on a \(opcode) frame"
    case .reservedOpcode(let opcode): "reserved opcode \(opcode.rawValue)"
    case .fragmentedControlFrame(let opcode): "fragmented \(opcode) frame"
    case .oversizedControlFrame(let opcode): "\(opcode) frame of more than 125 octets"
    case .frameNotMasked: "frame from a client not masked"
    case .frameMasked: "frame from a server masked"
    case .lengthNotMinimal(let length): "length \(length) not in its shortest form"
    case .lengthOutOfRange: "length with the most significant bit set"
    case .unexpectedContinuation: "continuation without a message to continue"
    case .interleavedMessage(let opcode): "\(opcode) frame within a fragmented message"
    case .truncatedCloseCode: "close frame with a payload of one octet"
    case .closeCodeNotPermitted(let code): "close code \(code) may not be sent"
    case .closeReasonNotUTF8: "close reason is not UTF-8"
    case .textNotUTF8: "text is not UTF-8"
    case .compressionCorrupt: "compressed message cannot be inflated"
    case .frameTooBig: "frame too big"
    case .messageTooBig: "message too big"
    case .inflatedMessageTooBig: "inflated message too big"
    case .tooManyFragments: "message in too many fragments"
    case .outOfMemory: "out of memory"
    }
  }
}

extension ProtocolFailure: CustomStringConvertible {
  /// The sentence, the clause and the code.
  public var description: String { "\(sentence) (\(clause), close code \(code))" }
}
