import WebSocketProtocol

/// Cuts octets into frames, or into headers and the octets behind them.
struct IncomingFrames {
  /// The next part of what came.
  enum Piece {
    /// A header, changed; its payload follows as octets.
    case header(FrameHeader)
    /// The next octets of a payload as they came.
    case octets([UInt8])
    /// A whole frame, its payload unmasked.
    case frame(Frame)
  }

  /// The longest payload that is waited for.
  static let wholeByteCount: UInt64 = 64 << 20

  private var held: [UInt8] = []
  private var start = 0
  private var current: (header: FrameHeader, byteCount: Int)?
  private var passingByteCount: UInt64 = 0

  mutating func append(_ octets: [UInt8]) {
    if start > 0 {
      held.removeFirst(start)
      start = 0
    }
    held += octets
  }

  /// The next piece, if it is all there.
  ///
  /// - Parameters:
  ///   - wantsWhole: Whether whole frames are wanted, as long as they are not too long.
  ///   - change: What is done to each header, once.
  /// - Returns: The piece, or nil while more has to come.
  mutating func next(wantsWhole: Bool, change: (inout FrameHeader) -> Void) -> Piece? {
    if passingByteCount > 0 {
      let count = min(held.count - start, Int(clamping: passingByteCount))
      guard count > 0 else { return nil }
      passingByteCount -= UInt64(count)
      return .octets(take(count))
    }
    if current == nil {
      guard let (header, count) = FrameHeader.decode(held.span.extracting(start..<held.count))
      else { return nil }
      var changed = header
      change(&changed)
      current = (changed, count)
    }
    guard let (header, headerByteCount) = current else { return nil }
    guard wantsWhole, header.payloadLength <= Self.wholeByteCount else {
      _ = take(headerByteCount)
      current = nil
      passingByteCount = header.payloadLength
      return .header(header)
    }
    let byteCount = Int(header.payloadLength)
    guard held.count - start >= headerByteCount + byteCount else { return nil }
    _ = take(headerByteCount)
    var payload = take(byteCount)
    if let key = header.maskingKey {
      var span = payload.mutableSpan
      key.apply(to: &span)
    }
    current = nil
    return .frame(Frame(header: header, payload: payload))
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    defer { start += count }
    return Array(held[start..<(start + count)])
  }
}
