/// Takes a body out of the octets after a head, and holds it to a limit (RFC 9112 §6).
public struct BodyDecoder: Sendable {
  private enum State {
    case length(left: Int)
    case chunked(ChunkedDecoder)
    case untilClose
    case complete
  }

  private var state: State
  private let maximumByteCount: Int
  /// The octets of content so far.
  public private(set) var byteCount = 0
  /// The fields after a chunked body (RFC 9112 §7.1.2).
  public private(set) var trailers = HTTPFields()

  /// Begins to read a body.
  /// - Parameters:
  ///   - framing: How its end is found.
  ///   - maximumByteCount: More octets of content than this are answered with 413.
  /// - Throws: ``HeadError`` when the announced length is too much already.
  public init(_ framing: BodyFraming, maximumByteCount: Int) throws(HeadError) {
    self.maximumByteCount = maximumByteCount
    switch framing {
    case .none: state = .complete
    case .length(let length):
      guard length <= maximumByteCount else { throw Self.tooLarge(maximumByteCount) }
      state = length == 0 ? .complete : .length(left: length)
    case .chunked: state = .chunked(ChunkedDecoder())
    case .untilClose: state = .untilClose
    }
  }

  /// Whether the whole body has come.
  public var isComplete: Bool {
    if case .complete = state { true } else { false }
  }

  /// The sender has closed; whether the body is whole (RFC 9112 §8).
  public mutating func receiveEndOfStream() -> Bool {
    if case .untilClose = state { state = .complete }
    return isComplete
  }

  /// Takes the next octets.
  /// - Parameters:
  ///   - bytes: The octets after those of the last call.
  ///   - content: Is lent each piece of the content.
  /// - Returns: How many of `bytes` belong to the body; fewer than all only if it is complete.
  /// - Throws: ``HeadError`` when the body is malformed or too long.
  public mutating func decode(
    _ bytes: Span<UInt8>, content: (Span<UInt8>) -> Void
  ) throws(HeadError) -> Int {
    switch state {
    case .complete:
      return 0
    case .length(let left):
      let count = min(left, bytes.count)
      guard count > 0 else { return 0 }
      byteCount += count
      state = count == left ? .complete : .length(left: left - count)
      content(bytes.extracting(0..<count))
      return count
    case .untilClose:
      guard !bytes.isEmpty else { return 0 }
      byteCount += bytes.count
      guard byteCount <= maximumByteCount else { throw Self.tooLarge(maximumByteCount) }
      content(bytes)
      return bytes.count
    case .chunked(var decoder):
      var position = 0
      while position < bytes.count, !decoder.isComplete {
        let step = try decoder.step(bytes.extracting(droppingFirst: position))
        if !step.content.isEmpty {
          byteCount += step.content.count
          guard byteCount <= maximumByteCount else { throw Self.tooLarge(maximumByteCount) }
          content(
            bytes.extracting(
              (position + step.content.lowerBound)..<(position + step.content.upperBound)))
        }
        position += step.byteCount
      }
      if decoder.isComplete {
        trailers = decoder.trailers
        state = .complete
      } else {
        state = .chunked(decoder)
      }
      return position
    }
  }

  private static func tooLarge(_ limit: Int) -> HeadError {
    HeadError(.contentTooLarge, "the body is longer than \(limit) octets")
  }
}
