/// Reads the head of the final response to a request, past the interim ones before it.
///
/// RFC 9110 §15.2: a client must be able to read any number of them; more than sixteen are taken for
/// an attack. 101 is final: what follows it is another protocol (RFC 9110 §15.2.2).
public struct FinalResponseParser: Sendable {
  private let limits: HeadLimits
  private var parser: ResponseHeadParser
  private var interimCount = 0

  /// The most interim responses.
  static let interimLimit = 16

  /// Makes a parser for the response to one request; the limits are those of each head.
  public init(limits: HeadLimits = HeadLimits()) {
    self.limits = limits
    parser = ResponseHeadParser(limits: limits)
  }

  /// Takes the next octets; returns the head once it is complete.
  ///
  /// - Parameter bytes: The octets after those of the last call.
  /// - Returns: The head and how many of `bytes` belong to it or precede it, or nil when more are
  ///   needed.
  /// - Throws: ``HeadError``; the parser is of no more use then.
  public mutating func parse(
    _ bytes: Span<UInt8>
  ) throws(HeadError) -> (head: ResponseHead, byteCount: Int)? {
    var position = 0
    while let (head, byteCount) = try parser.parse(bytes.extracting(droppingFirst: position)) {
      position += byteCount
      guard head.status.kind == .informational, head.status.code != 101 else {
        return (head, position)
      }
      interimCount += 1
      guard interimCount <= Self.interimLimit else {
        throw HeadError(.badRequest, "there are more than \(Self.interimLimit) interim responses")
      }
      parser = ResponseHeadParser(limits: limits)
    }
    return nil
  }
}
