public import WebSocketProtocol

/// One thing that we do: a line that begins with `>`.
public enum Step: Hashable, Sendable {
  /// One frame, legal or not; goes out in every state in which octets can still leave.
  case frame(Frame)
  /// A message, cut in frames.
  case message(Message)
  /// The header of a frame whose payload follows in `.piece` steps.
  case header(Header)
  /// The next octets of the payload that the last `.header` announced; masked as that frame is.
  case piece(Payload)
  /// Octets as they are, unmasked and unframed.
  case octets(Payload, Delivery)
  /// A Close; goes out only while the connection is OPEN, and is skipped otherwise.
  case close(Close)
  /// Nothing, for a while; the steps after it run later, or not at all.
  case pause(Pause)
  /// Message and echo, in turns. Always the last step.
  case exchange(Exchange)
  /// We stop reading, so that TCP's window closes to the peer; or read on.
  case reading(Bool)
  /// Our half of TCP ends (FIN); we go on reading.
  case endOfStream
  /// TCP is reset (RST).
  case reset
  /// Our half of the opening handshake; a case without one opens in the usual way before its steps.
  case opening(HeadScript)
  /// Nothing until the opening handshake is through.
  case awaitOpen
}

/// How the octets of a frame are handed to TCP.
public enum Delivery: Hashable, Sendable {
  /// In one write with its neighbours.
  case together
  /// In a write of its own (`sync`).
  case alone
  /// The frame, header included, cut in pieces of so many octets, each a write of its own (`chop=`).
  ///
  /// While pieces wait, all later output lines up behind them.
  case pieces(Int)
}

extension Step {
  /// One frame.
  public struct Frame: Hashable, Sendable {
    /// The opcode, 0 to 15.
    public var opcode: Opcode
    /// The payload, before masking.
    public var payload: Payload
    /// The FIN bit.
    public var isFinal: Bool
    /// RSV1 × 4 + RSV2 × 2 + RSV3.
    public var rsv: UInt8
    /// Whether and how it is masked.
    public var masking: Masking
    /// Which of the three length fields is used, and what it says.
    public var length: Length
    /// How it is handed to TCP.
    public var delivery: Delivery

    /// A frame as the standard wants it, unless told otherwise.
    public init(
      opcode: Opcode, payload: Payload = .empty, isFinal: Bool = true, rsv: UInt8 = 0,
      masking: Masking = .byRole, length: Length = .minimal, delivery: Delivery = .together
    ) {
      self.opcode = opcode
      self.payload = payload
      self.isFinal = isFinal
      self.rsv = rsv
      self.masking = masking
      self.length = length
      self.delivery = delivery
    }
  }

  /// Whether a frame is masked.
  public enum Masking: Hashable, Sendable {
    /// As our role demands: a client masks with a fresh random key, a server does not.
    case byRole
    /// Not masked, MASK bit 0.
    case none
    /// Masked with a fresh random key, whatever our role is.
    case random
    /// Masked with this key.
    case key(MaskingKey)
  }

  /// The length field of a frame.
  public enum Length: Hashable, Sendable {
    /// The shortest field that holds the length of the payload.
    case minimal
    /// The 7-bit field and this number, whatever the payload is.
    case sevenBit(UInt64?)
    /// The 16-bit field; nil: with the true length.
    case sixteenBit(UInt64?)
    /// The 64-bit field; nil: with the true length.
    case sixtyFourBit(UInt64?)
  }

  /// A message, sent as one frame or as several.
  public struct Message: Hashable, Sendable {
    /// Text or binary.
    public var kind: MessageKind
    /// The whole payload.
    public var payload: Payload
    /// Cut in frames of so many octets; nil: one frame.
    ///
    /// A payload that is longer than this is cut until less than a fragment is left; the final frame
    /// carries the rest, *and is empty when the size divides the length*.
    public var fragmentSize: Int?
    /// How each frame is handed to TCP.
    public var delivery: Delivery
    /// How it is compressed, if that was agreed on; nil: not at all.
    ///
    /// The octets on the wire are cut then, not those of the payload.
    public var compression: Compression?

    /// A message of one frame, not compressed, unless told otherwise.
    public init(
      kind: MessageKind, payload: Payload, fragmentSize: Int? = nil,
      delivery: Delivery = .together, compression: Compression? = nil
    ) {
      self.kind = kind
      self.payload = payload
      self.fragmentSize = fragmentSize
      self.delivery = delivery
      self.compression = compression
    }

    /// The frames that the message is cut in, as lengths of their payloads.
    ///
    /// - Complexity: O(1) but for the array; 65,537 at most in the established cases.
    public var frameLengths: [Int] {
      let count = payload.count
      guard let fragmentSize, fragmentSize > 0, count > fragmentSize else { return [count] }
      return Array(repeating: fragmentSize, count: count / fragmentSize) + [count % fragmentSize]
    }
  }

  /// The blocks of RFC 1951 §3.2.3 that a message is compressed to.
  public enum Compression: String, Hashable, Sendable {
    /// Whatever is smallest.
    case smallest
    /// Stored blocks.
    case stored
    /// Blocks with fixed Huffman codes.
    case fixed
  }

  /// The header of a frame that is written without its payload.
  public struct Header: Hashable, Sendable {
    /// The opcode, 0 to 15.
    public var opcode: Opcode
    /// How many octets of payload it announces.
    public var payloadLength: UInt64
    /// The FIN bit.
    public var isFinal: Bool
    /// RSV1 × 4 + RSV2 × 2 + RSV3.
    public var rsv: UInt8
    /// Whether and how the payload will be masked: one key for all its pieces.
    public var masking: Masking

    /// The header of an unfinished frame.
    public init(
      opcode: Opcode, payloadLength: UInt64, isFinal: Bool = true, rsv: UInt8 = 0,
      masking: Masking = .byRole
    ) {
      self.opcode = opcode
      self.payloadLength = payloadLength
      self.isFinal = isFinal
      self.rsv = rsv
      self.masking = masking
    }
  }

  /// A Close that we send as the one who starts the closing handshake.
  public struct Close: Hashable, Sendable {
    /// The code, legal or not; nil: the payload is the reason alone.
    public var code: UInt16?
    /// The octets after the code.
    public var reason: Payload
    /// How the frame is handed to TCP.
    public var delivery: Delivery

    /// A Close with this code and reason.
    public init(
      code: UInt16? = nil, reason: Payload = .empty, delivery: Delivery = .together
    ) {
      self.code = code
      self.reason = reason
      self.delivery = delivery
    }

    /// The payload of the frame.
    public var payload: Payload {
      guard let code else { return reason }
      return .octets([UInt8(code >> 8), UInt8(code & 0xff)]) + reason
    }
  }

  /// A pause between two steps.
  public struct Pause: Hashable, Sendable {
    /// How long.
    public var duration: Duration
    /// The name of the mark that goes into the list of events when the pause is over; nil: none.
    public var mark: String?
    /// When the pause is over: what must hold for the script to go on (and the mark to be made).
    public var condition: Condition

    /// A pause after which the script goes on unless the connection is CLOSED.
    public init(_ duration: Duration, mark: String? = nil, condition: Condition = .notClosed) {
      self.duration = duration
      self.mark = mark
      self.condition = condition
    }

    /// The state in which a script goes on after a pause.
    public enum Condition: Hashable, Sendable {
      /// Only while OPEN; not while CLOSING.
      case open
      /// While OPEN or CLOSING.
      case notClosed
    }
  }

  /// A number of messages, each sent when the echo of the one before has arrived and fits.
  ///
  /// All messages are compressed when a compression was negotiated. The first echo that does not fit
  /// ends the case as failed; after the last one it has passed. Either way we send Close 1000. An
  /// unsolicited Pong makes us send it at once.
  public struct Exchange: Hashable, Sendable {
    /// How many messages.
    public var count: Int
    /// Text or binary.
    public var kind: MessageKind
    /// What is in them.
    public var content: Content
    /// The octets on the wire (compressed, if they are) are cut in frames of so many, by the rule of
    /// ``Message/fragmentSize``; nil: one frame.
    public var fragmentSize: Int?
    /// What of an echo the alias view looks at; ours always looks at the content.
    public var aliasComparison: Comparison

    /// An exchange of `count` messages.
    public init(
      count: Int, kind: MessageKind, content: Content, fragmentSize: Int? = nil,
      aliasComparison: Comparison = .content
    ) {
      self.count = count
      self.kind = kind
      self.content = content
      self.fragmentSize = fragmentSize
      self.aliasComparison = aliasComparison
    }

    /// The payloads of an exchange.
    public enum Content: Hashable, Sendable {
      /// The same each time.
      case constant(Payload)
      /// Message k (from 0) is `length` units of the corpus read as a ring, from unit
      /// (k × length) mod size. Units are octets for binary corpora and code points for text.
      case slices(corpus: CorpusName, length: Int)
    }
  }

  /// What of an echo is compared with what was sent.
  public enum Comparison: Hashable, Sendable {
    /// Kind, length and every octet.
    case content
    /// Kind and length. (Length in code points where a text came from a corpus.)
    case length
  }
}
