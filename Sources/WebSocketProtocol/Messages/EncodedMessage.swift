/// A message made into frames once, for all of a server's connections that can take the same octets.
///
/// Compressed, it is made without a window that went before, so that every receiver that has agreed on
/// at least this window can inflate it, whatever else it was sent.
public struct EncodedMessage: Sendable {
  /// What connections must have in common to be sent the same octets.
  public struct Parameters: Hashable, Sendable {
    /// The LZ77 window's size as a power of two; nil: uncompressed.
    public let windowBits: Int?

    /// The parameters of connections without compression.
    public static let plain = Parameters(windowBits: nil)
  }

  /// What it was made for.
  public let parameters: Parameters
  /// The frames.
  public let frames: [UInt8]
  /// Whether the payload is compressed; short messages may not be.
  public let isCompressed: Bool

  /// Makes the frames of a message.
  ///
  /// - Parameters:
  ///   - kind: Text or binary.
  ///   - payload: The message.
  ///   - parameters: What the receivers have in common.
  ///   - configuration: The thresholds and levels of the receivers' connections.
  public init(
    _ kind: MessageKind, _ payload: [UInt8], for parameters: Parameters,
    configuration: ConnectionConfiguration
  ) {
    let agreement = parameters.windowBits.map {
      PerMessageDeflate.Agreement(serverNoContextTakeover: true, serverMaxWindowBits: $0)
    }
    var connection = Connection(
      role: .server, configuration: configuration, compression: agreement)
    var frames: [UInt8] = []
    // A fresh connection is open, and has no message under way.
    try? connection.send(kind, payload.span, to: &frames)
    self.parameters = parameters
    self.frames = frames
    isCompressed = frames.first.map { $0 & 0x40 != 0 } ?? false
  }
}

extension Connection {
  /// What a message must be encoded for to be sent here.
  public var encodingParameters: EncodedMessage.Parameters {
    guard let compression else { return .plain }
    return EncodedMessage.Parameters(windowBits: compression.maxWindowBits(of: role))
  }

  /// Whether an encoded message may be written now: open, and no message under way.
  public var canSendEncoded: Bool { role == .server && sending == .ready && isOpen }

  /// Takes notice that an encoded message goes to the transport behind all output so far.
  ///
  /// It is not in this end's window, but it is in the peer's: what is compressed from now on does not
  /// refer to anything before it.
  public mutating func sentEncoded(_ message: borrowing EncodedMessage) {
    if message.isCompressed { codec?.compressor.forget() }
  }
}
