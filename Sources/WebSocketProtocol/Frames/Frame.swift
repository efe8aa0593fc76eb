/// One frame as a value, legal or not: what conformance cases send and transcripts show.
public struct Frame: Hashable, Sendable {
  /// What stands before the payload; its `payloadLength` may lie about the payload.
  public var header: FrameHeader
  /// The payload, not masked.
  public var payload: [UInt8]

  /// A frame of any header over any payload.
  public init(header: FrameHeader, payload: [UInt8]) {
    self.header = header
    self.payload = payload
  }

  /// A frame whose header declares the payload's length; the defaults make a legal one.
  public init(
    _ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true, rsv: UInt8 = 0,
    maskingKey: MaskingKey? = nil, lengthEncoding: FrameHeader.LengthEncoding = .minimal
  ) {
    header = FrameHeader(
      isFinal: isFinal, rsv: rsv, opcode: opcode, maskingKey: maskingKey,
      payloadLength: UInt64(payload.count), lengthEncoding: lengthEncoding)
    self.payload = payload
  }

  /// A Close frame with a code, permitted or not, and a reason; without a code it is empty.
  public static func close(
    _ code: CloseCode?, reason: [UInt8] = [], maskingKey: MaskingKey? = nil
  ) -> Frame {
    var payload: [UInt8] = []
    if let code {
      payload.append(UInt8(truncatingIfNeeded: code.rawValue >> 8))
      payload.append(UInt8(truncatingIfNeeded: code.rawValue))
    }
    return Frame(.close, payload + reason, maskingKey: maskingKey)
  }

  /// The code of a Close frame whose payload has one.
  public var closeCode: CloseCode? {
    guard header.opcode == .close, payload.count >= 2 else { return nil }
    return CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
  }

  /// Appends the frame as it goes on the wire: the header as it says, the payload masked if there is
  /// a key.
  public func encode(to output: inout [UInt8]) {
    header.encode(to: &output)
    guard let key = header.maskingKey else {
      output.append(contentsOf: payload)
      return
    }
    key.appendMasked(payload.span, to: &output)
  }

  /// The frame as it goes on the wire.
  public var encoded: [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(header.byteCount + payload.count)
    encode(to: &output)
    return output
  }
}
