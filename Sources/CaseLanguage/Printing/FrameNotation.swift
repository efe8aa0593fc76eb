public import WebSocketProtocol

/// The lines of a transcript: frames in the words of the case language, so that what was seen can be
/// pasted into a case file and played again.
public struct FrameNotation: Hashable, Sendable, CustomStringConvertible {
  /// Which way the frame went.
  public enum Direction: String, Hashable, Sendable {
    /// From us to the peer.
    case sent = ">"
    /// From the peer to us.
    case received = "<"
  }

  /// Which way the frame went.
  public var direction: Direction
  /// The opcode.
  public var opcode: Opcode
  /// The FIN bit.
  public var isFinal: Bool
  /// RSV1 × 4 + RSV2 × 2 + RSV3.
  public var rsv: UInt8
  /// The key, or nil if the frame was not masked.
  public var maskingKey: MaskingKey?
  /// The length that the header announced.
  public var payloadLength: UInt64
  /// How the length was written.
  public var lengthEncoding = FrameHeader.LengthEncoding.minimal
  /// The first octets of the payload, unmasked; as many as are to be shown.
  public var excerpt: [UInt8]

  /// How many octets of a payload transcripts show.
  public static let excerptLength = 64

  /// A frame; of `payload` no more than ``excerptLength`` octets are kept.
  ///
  /// - Parameters:
  ///   - direction: Which way the frame went.
  ///   - opcode: The opcode.
  ///   - isFinal: The FIN bit.
  ///   - rsv: RSV1 × 4 + RSV2 × 2 + RSV3.
  ///   - maskingKey: The key, or nil.
  ///   - payload: The payload, unmasked, or its beginning.
  ///   - payloadLength: The announced length; nil: that of `payload`.
  public init(
    _ direction: Direction, _ opcode: Opcode, isFinal: Bool = true, rsv: UInt8 = 0,
    maskingKey: MaskingKey? = nil, payload: some Collection<UInt8>, payloadLength: UInt64? = nil
  ) {
    self.direction = direction
    self.opcode = opcode
    self.isFinal = isFinal
    self.rsv = rsv
    self.maskingKey = maskingKey
    self.payloadLength = payloadLength ?? UInt64(payload.count)
    self.excerpt = Array(payload.prefix(FrameNotation.excerptLength))
  }

  /// The frame of `header`, of whose payload `excerpt` is the beginning, unmasked.
  public init(_ direction: Direction, _ header: FrameHeader, excerpt: some Collection<UInt8>) {
    self.init(
      direction, header.opcode, isFinal: header.isFinal, rsv: header.rsv,
      maskingKey: header.maskingKey, payload: excerpt, payloadLength: header.payloadLength)
    lengthEncoding = header.lengthEncoding
  }

  /// `> text "Hello" fin=0 rsv=2`; what is cut off, and the key, follow as a comment.
  public var description: String {
    let isWhole = UInt64(excerpt.count) == payloadLength
    var text = direction.rawValue + " "
    if opcode == .close, isFinal, rsv == 0, isWhole, excerpt.count != 1,
      lengthEncoding == .minimal
    {
      text += closeDescription
    } else {
      // A text that was cut inside a code point is still text.
      let shown = isWhole ? excerpt[...] : excerpt.droppingPartialScalar()
      text +=
        Step.Frame(
          opcode: opcode, payload: .octets(Array(shown)), isFinal: isFinal, rsv: rsv,
          length: length
        ).description
    }
    var comments: [String] = []
    if !isWhole { comments.append("\(payloadLength) octets, the first are shown") }
    if let maskingKey {
      comments.append("mask " + maskingKey.hexadecimal)
    }
    return comments.isEmpty ? text : text + "  # " + comments.joined(separator: "; ")
  }

  private var length: Step.Length {
    switch lengthEncoding {
    case .minimal: .minimal
    case .sevenBit: .sevenBit(nil)
    case .sixteenBit: .sixteenBit(nil)
    case .sixtyFourBit: .sixtyFourBit(nil)
    }
  }

  private var closeDescription: String {
    guard excerpt.count >= 2 else { return "close" }
    let code = UInt16(excerpt[0]) << 8 | UInt16(excerpt[1])
    return Step.Close(code: code, reason: .octets(Array(excerpt[2...]))).description
  }
}

extension Array where Element == UInt8 {
  /// All but an unfinished code point at the end, if there is one.
  fileprivate func droppingPartialScalar() -> ArraySlice<UInt8> {
    for length in 1...3 where count >= length {
      let lead = self[count - length]
      if lead & 0xc0 == 0x80 { continue }
      let needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
      return needed > length ? self[..<(count - length)] : self[...]
    }
    return self[...]
  }
}
