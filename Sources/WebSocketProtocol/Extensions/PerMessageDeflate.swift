/// The "permessage-deflate" extension (RFC 7692 §7): what is offered, answered and agreed.
public enum PerMessageDeflate {
  /// The registered name of the extension.
  public static let name = "permessage-deflate"

  /// The parameters both ends keep to once the handshake is over.
  public struct Agreement: Hashable, Sendable {
    /// Whether the server forgets its LZ77 window after each message (RFC 7692 §7.1.1.1).
    public var serverNoContextTakeover: Bool
    /// Whether the client forgets its LZ77 window after each message (RFC 7692 §7.1.1.2).
    public var clientNoContextTakeover: Bool
    private var storedServerBits: UInt8
    private var storedClientBits: UInt8

    /// Makes an agreement; without arguments it is the one of an empty offer and answer.
    /// - Parameters:
    ///   - serverNoContextTakeover: Whether the server compresses each message on its own.
    ///   - clientNoContextTakeover: Whether the client compresses each message on its own.
    ///   - serverMaxWindowBits: The limit of the server's LZ77 window, 8 to 15.
    ///   - clientMaxWindowBits: The limit of the client's LZ77 window, 8 to 15.
    public init(
      serverNoContextTakeover: Bool = false, clientNoContextTakeover: Bool = false,
      serverMaxWindowBits: Int = 15, clientMaxWindowBits: Int = 15
    ) {
      precondition(8...15 ~= serverMaxWindowBits && 8...15 ~= clientMaxWindowBits)
      self.serverNoContextTakeover = serverNoContextTakeover
      self.clientNoContextTakeover = clientNoContextTakeover
      storedServerBits = UInt8(serverMaxWindowBits)
      storedClientBits = UInt8(clientMaxWindowBits)
    }

    /// The base-two logarithm of the server's greatest LZ77 window (RFC 7692 §7.1.2.1).
    public var serverMaxWindowBits: Int { Int(storedServerBits) }
    /// The base-two logarithm of the client's greatest LZ77 window (RFC 7692 §7.1.2.2).
    public var clientMaxWindowBits: Int { Int(storedClientBits) }

    /// The window limit for what `role` compresses.
    public func maxWindowBits(of role: Role) -> Int {
      role == .server ? serverMaxWindowBits : clientMaxWindowBits
    }

    /// Whether `role` forgets its window after each message.
    public func noContextTakeover(of role: Role) -> Bool {
      role == .server ? serverNoContextTakeover : clientNoContextTakeover
    }
  }
}
