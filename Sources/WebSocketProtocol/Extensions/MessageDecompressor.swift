import Deflate

/// Inflates the messages one endpoint receives under permessage-deflate (RFC 7692 §7.2.2).
///
/// It holds no memory until the first compressed message. After an error it is of no more use.
public struct MessageDecompressor: ~Copyable {
  private var inflater: Inflater?
  private let windowBits: UInt8
  private let forgets: Bool
  private let releases: Bool
  /// Whether the last octet fed ended a block with BFINAL set.
  private var isAtStreamEnd = false

  /// Prepares a decompressor without allocating.
  /// - Parameters:
  ///   - agreement: What the handshake agreed on.
  ///   - role: The end that decompresses: the other one compressed.
  ///   - releasesContext: Whether to give the memory back after each message; it has an effect
  ///     only where the agreement makes the sender forget its window.
  public init(
    agreement: PerMessageDeflate.Agreement, role: Role, releasesContext: Bool = false
  ) {
    let sender: Role = role == .server ? .client : .server
    windowBits = UInt8(agreement.maxWindowBits(of: sender))
    forgets = agreement.noContextTakeover(of: sender)
    releases = forgets && releasesContext
  }

  /// Appends what the next part of a message's payload inflates to, at most `limit` octets.
  /// - Parameters:
  ///   - fragment: The next octets of the message, cut anywhere; not only at frames.
  ///   - isFinal: Whether these are the last octets of the message.
  ///   - output: The array that is appended to, also before an error is thrown.
  ///   - limit: How many octets this call may append.
  /// - Throws: ``DecompressionError``.
  public mutating func decompress(
    _ fragment: Span<UInt8>, isFinal: Bool, to output: inout [UInt8], limit: Int
  ) throws(DecompressionError) {
    do {
      if inflater == nil {
        inflater = try Inflater(windowBits: Int(windowBits))
      }
      let end = output.count + min(limit, Int.max - output.count)
      try inflate(fragment, to: &output, end: end)
      if isFinal {
        try endMessage(to: &output, end: end)
      }
    } catch {
      throw DecompressionError(error)
    }
  }

  private mutating func inflate(
    _ octets: Span<UInt8>, to output: inout [UInt8], end: Int, observesBlocks: Bool = false
  ) throws(InflateError) {
    var rest = octets
    while !rest.isEmpty {
      if isAtStreamEnd {
        // RFC 7692 §7.2.3.4: more blocks follow the one with BFINAL, with the same window.
        inflater?.restartKeepingWindow()
        isAtStreamEnd = false
      }
      let result = try inflater?.inflate(
        rest, to: &output, limit: end - output.count, observesBlocks: observesBlocks)
      guard let result else {
        return
      }
      isAtStreamEnd = result.ended
      rest = rest.extracting(droppingFirst: result.consumed)
    }
  }

  /// Feeds the tail that the sender removed, and demands that it ends a block.
  ///
  /// A message that ends with a BFINAL block and nothing after it has no tail to lack: RFC 7692
  /// §7.2.3.4 has the sender add one octet, but senders that forget it lose nothing.
  private mutating func endMessage(
    to output: inout [UInt8], end: Int
  ) throws(InflateError) {
    if !isAtStreamEnd {
      let tail: [4 of UInt8] = [0x00, 0x00, 0xff, 0xff]
      try inflate(tail.span, to: &output, end: end, observesBlocks: true)
      guard isAtStreamEnd || inflater?.isAtBlockBoundary != false else {
        throw .corrupt("the message ends inside a block")
      }
    }
    if releases {
      inflater = nil
      isAtStreamEnd = false
    } else if forgets {
      inflater?.reset()
      isAtStreamEnd = false
    }
  }
}

/// Why a compressed message cannot be delivered.
public enum DecompressionError: Error, Hashable {
  /// The payload is not what RFC 7692 §7.2.1 makes a sender produce; zlib's words for it.
  case corrupt(String)
  /// The message would inflate to more octets than permitted.
  case limitExceeded
  /// There was no memory to inflate with.
  case outOfMemory

  init(_ error: InflateError) {
    switch error {
    case .corrupt(let reason): self = .corrupt(reason)
    case .limitExceeded: self = .limitExceeded
    case .outOfMemory: self = .outOfMemory
    }
  }
}
