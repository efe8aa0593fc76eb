/// What is known of the peer beforehand, for the cases that are built on it.
public struct PeerFacts: Hashable, Sendable {
  /// The tag of cases that are played only where ``messageByteCount`` was told.
  public static let messageLimitTag = "message-limit"
  /// The limits that can be told: a case that goes beyond it holds at most 64 MiB.
  public static let messageByteCounts = 1024...(60 << 20)

  /// The length of the longest message that the peer takes, which cases know as `{message-limit}`.
  public var messageByteCount: Int

  /// Facts; by default those of the reference server.
  public init(messageByteCount: Int = 16 << 20) {
    self.messageByteCount = messageByteCount
  }

  /// The variables of a case file before its first line.
  var variables: [String: [UInt8]] {
    ["message-limit": Array("\(messageByteCount)".utf8)]
  }
}
