public import HTTP

/// The server's side of the opening handshake (RFC 6455 §4.2), sans I/O.
///
/// Feed it what arrives until it reports an outcome; then it can be dropped. Octets after the head
/// are not its own: they are frames, or the body of an ordinary request.
public struct ServerHandshake: Sendable {
  /// What came of the octets so far.
  public enum Outcome: Sendable {
    /// The head is not complete.
    case needsMore
    /// A valid opening handshake, of which the last call's octets held `byteCount`; answer it with
    /// ``HandshakeRequest/writeResponse(subprotocol:compression:fields:to:)``, or refuse it.
    case upgrade(HandshakeRequest, byteCount: Int)
    /// A request that does not speak of WebSocket.
    case ordinary(RequestHead, byteCount: Int)
    /// A request to answer with an error, and then to close; the head is nil if it was unreadable.
    case refused(HandshakeRefusal, head: RequestHead?)
  }

  private var parser: RequestHeadParser

  /// Begins to wait for a request.
  public init(limits: HeadLimits = HeadLimits()) {
    parser = RequestHeadParser(limits: limits)
  }

  /// Whether no octet of a request has come yet.
  public var isEmpty: Bool { parser.isEmpty }

  /// Takes the next octets.
  ///
  /// After an outcome other than `needsMore` it must not be fed again.
  public mutating func receive(_ bytes: Span<UInt8>) -> Outcome {
    let complete: (head: RequestHead, byteCount: Int)?
    do {
      complete = try parser.parse(bytes)
    } catch {
      return .refused(HandshakeRefusal(error), head: nil)
    }
    guard let (head, byteCount) = complete else {
      return .needsMore
    }
    do {
      guard let request = try HandshakeRequest.validate(head) else {
        return .ordinary(head, byteCount: byteCount)
      }
      return .upgrade(request, byteCount: byteCount)
    } catch {
      return .refused(error, head: head)
    }
  }
}
