import HTTP
import WebSocketProtocol

/// The server's answer to our request, as it comes in.
struct AnswerReading {
  /// What has come of it.
  enum Outcome {
    /// The head is not complete.
    case needsMore
    /// The head is complete; so many of the octets belong to it.
    case complete(ResponseHead, byteCount: Int)
    /// It is not HTTP.
    case unreadable(HeadError)
  }

  /// What arrived of it.
  private(set) var octets: [UInt8] = []
  private var parser = FinalResponseParser(limits: HeadLimits(maximumByteCount: 256 << 10))

  /// How many octets of an answer are kept, to be shown.
  static let keptByteCount = 16_384

  /// Takes the next octets; skips interim responses (RFC 9110 §15.2).
  mutating func receive(_ bytes: Span<UInt8>) -> Outcome {
    let complete: (head: ResponseHead, byteCount: Int)?
    do {
      complete = try parser.parse(bytes)
    } catch {
      keep(bytes)
      return .unreadable(error)
    }
    guard let (head, byteCount) = complete else {
      keep(bytes)
      return .needsMore
    }
    keep(bytes.extracting(0..<byteCount))
    return .complete(head, byteCount: byteCount)
  }

  private mutating func keep(_ bytes: Span<UInt8>) {
    let room = min(bytes.count, Self.keptByteCount - octets.count)
    if room > 0 { bytes.extracting(0..<room).append(to: &octets) }
  }
}
