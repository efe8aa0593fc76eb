extension PerMessageDeflate {
  /// What a client says about the window it compresses with (RFC 7692 §7.1.2.2).
  public enum ClientWindowOffer: Hashable, Sendable {
    /// The server may limit the window.
    case anyLimit
    /// The server may limit the window, which will not exceed this many bits anyway.
    case atMost(Int)
  }

  /// What a client offers (RFC 7692 §7.1).
  public struct Offer: Hashable, Sendable {
    /// Asks the server to forget its window after each message.
    public var serverNoContextTakeover: Bool
    /// Hints that the client will forget its window after each message.
    public var clientNoContextTakeover: Bool
    /// Asks the server to keep its window to 2^N octets, 8 to 15.
    public var serverMaxWindowBits: Int?
    /// Allows the server to limit the client's window; nil if it may not.
    public var clientMaxWindowBits: ClientWindowOffer?

    /// Makes an offer; without arguments, the one that browsers make.
    public init(
      serverNoContextTakeover: Bool = false, clientNoContextTakeover: Bool = false,
      serverMaxWindowBits: Int? = nil, clientMaxWindowBits: ClientWindowOffer? = .anyLimit
    ) {
      self.serverNoContextTakeover = serverNoContextTakeover
      self.clientNoContextTakeover = clientNoContextTakeover
      self.serverMaxWindowBits = serverMaxWindowBits
      self.clientMaxWindowBits = clientMaxWindowBits
    }

    /// Reads an offer; nil for one that a server must decline (RFC 7692 §7.1).
    public init?(_ element: ExtensionElement) {
      guard let parameters = Parameters(element) else {
        return nil
      }
      serverNoContextTakeover = parameters.serverNoContextTakeover
      clientNoContextTakeover = parameters.clientNoContextTakeover
      serverMaxWindowBits = parameters.serverMaxWindowBits
      clientMaxWindowBits = parameters.clientMaxWindowBits
    }

    /// The offer as an element of Sec-WebSocket-Extensions.
    public var element: ExtensionElement {
      Parameters(
        serverNoContextTakeover: serverNoContextTakeover,
        clientNoContextTakeover: clientNoContextTakeover,
        serverMaxWindowBits: serverMaxWindowBits, clientMaxWindowBits: clientMaxWindowBits
      ).element
    }
  }

  /// What a server answers to the offer it accepts (RFC 7692 §7.1).
  public struct Response: Hashable, Sendable {
    /// Whether the server will forget its window after each message.
    public var serverNoContextTakeover: Bool
    /// Whether the client must forget its window after each message.
    public var clientNoContextTakeover: Bool
    /// The limit of the server's window, if it is spoken of.
    public var serverMaxWindowBits: Int?
    /// The limit of the client's window, if it is spoken of.
    public var clientMaxWindowBits: Int?

    /// Makes a response.
    public init(
      serverNoContextTakeover: Bool = false, clientNoContextTakeover: Bool = false,
      serverMaxWindowBits: Int? = nil, clientMaxWindowBits: Int? = nil
    ) {
      self.serverNoContextTakeover = serverNoContextTakeover
      self.clientNoContextTakeover = clientNoContextTakeover
      self.serverMaxWindowBits = serverMaxWindowBits
      self.clientMaxWindowBits = clientMaxWindowBits
    }

    /// Reads a response; nil for one on which a client must fail the connection (RFC 7692 §7.1).
    public init?(_ element: ExtensionElement) {
      guard let parameters = Parameters(element) else {
        return nil
      }
      switch parameters.clientMaxWindowBits {
      case nil: clientMaxWindowBits = nil
      case .atMost(let bits): clientMaxWindowBits = bits
      case .anyLimit: return nil
      }
      serverNoContextTakeover = parameters.serverNoContextTakeover
      clientNoContextTakeover = parameters.clientNoContextTakeover
      serverMaxWindowBits = parameters.serverMaxWindowBits
    }

    /// The response as an element of Sec-WebSocket-Extensions.
    public var element: ExtensionElement {
      Parameters(
        serverNoContextTakeover: serverNoContextTakeover,
        clientNoContextTakeover: clientNoContextTakeover,
        serverMaxWindowBits: serverMaxWindowBits,
        clientMaxWindowBits: clientMaxWindowBits.map { .atMost($0) }
      ).element
    }

    /// The agreement that this response makes of an offer; nil if it does not answer that offer.
    public func agreement(answering offer: Offer) -> Agreement? {
      // RFC 7692 §7.1.1.1: a server accepts the parameter by answering it.
      guard serverNoContextTakeover || !offer.serverNoContextTakeover else {
        return nil
      }
      // RFC 7692 §7.1.2.1: accepted with the same or a smaller value; also answered unasked. To
      // leave out 15 is to say it: there is no larger window.
      if let limit = offer.serverMaxWindowBits, limit < 15 {
        guard let serverMaxWindowBits, serverMaxWindowBits <= limit else {
          return nil
        }
      }
      // RFC 7692 §7.1.2.2: answered only where it was offered, with no greater value.
      var clientBits = 15
      switch offer.clientMaxWindowBits {
      case nil where clientMaxWindowBits != nil: return nil
      case .atMost(let bits):
        guard clientMaxWindowBits ?? 8 <= bits else {
          return nil
        }
        clientBits = bits
      default: break
      }
      return Agreement(
        serverNoContextTakeover: serverNoContextTakeover,
        clientNoContextTakeover: clientNoContextTakeover || offer.clientNoContextTakeover,
        serverMaxWindowBits: serverMaxWindowBits ?? 15,
        clientMaxWindowBits: min(clientMaxWindowBits ?? 15, clientBits))
    }
  }

  /// What a server is willing to agree to.
  public struct Policy: Hashable, Sendable {
    /// Whether the server forgets its window after each message even if not asked to.
    public var serverNoContextTakeover: Bool
    /// Whether clients must forget their window after each message.
    public var clientNoContextTakeover: Bool
    /// The limit of the server's window, 8 to 15.
    public var serverMaxWindowBits: Int
    /// The limit of the clients' window, 8 to 15, where an offer allows for one.
    public var clientMaxWindowBits: Int
    /// Whether to decline offers that do not let the server limit the client's window.
    public var declinesUnlimitedClientWindow: Bool

    /// Makes a policy; without arguments it agrees to any valid offer and limits nothing.
    public init(
      serverNoContextTakeover: Bool = false, clientNoContextTakeover: Bool = false,
      serverMaxWindowBits: Int = 15, clientMaxWindowBits: Int = 15,
      declinesUnlimitedClientWindow: Bool = false
    ) {
      precondition(8...15 ~= serverMaxWindowBits && 8...15 ~= clientMaxWindowBits)
      self.serverNoContextTakeover = serverNoContextTakeover
      self.clientNoContextTakeover = clientNoContextTakeover
      self.serverMaxWindowBits = serverMaxWindowBits
      self.clientMaxWindowBits = clientMaxWindowBits
      self.declinesUnlimitedClientWindow = declinesUnlimitedClientWindow
    }

    /// The answer to one offer; nil to decline it.
    public func response(to offer: Offer) -> Response? {
      var response = Response(
        serverNoContextTakeover: serverNoContextTakeover || offer.serverNoContextTakeover,
        clientNoContextTakeover: clientNoContextTakeover || offer.clientNoContextTakeover)
      if let limit = offer.serverMaxWindowBits {
        response.serverMaxWindowBits = min(limit, serverMaxWindowBits)
      } else if serverMaxWindowBits < 15 {
        response.serverMaxWindowBits = serverMaxWindowBits
      }
      switch offer.clientMaxWindowBits {
      case nil where clientMaxWindowBits < 15 && declinesUnlimitedClientWindow: return nil
      case nil: break
      case .anyLimit where clientMaxWindowBits == 15: break
      case .anyLimit: response.clientMaxWindowBits = clientMaxWindowBits
      case .atMost(let bits): response.clientMaxWindowBits = min(bits, clientMaxWindowBits)
      }
      return response
    }
  }

  /// Chooses among the offers of a client, in its order of preference (RFC 7692 §5.1).
  ///
  /// Offers with an invalid parameter and those the policy declines are passed over.
  /// - Parameters:
  ///   - elements: All elements of Sec-WebSocket-Extensions, also those of other extensions.
  ///   - policy: What the server is willing to agree to.
  /// - Returns: The answer and what it means, or nil to go without the extension.
  public static func accept(
    _ elements: [ExtensionElement], policy: Policy
  ) -> (response: Response, agreement: Agreement)? {
    for element in elements where element.name == name {
      if let offer = Offer(element), let response = policy.response(to: offer),
        let agreement = response.agreement(answering: offer)
      {
        return (response, agreement)
      }
    }
    return nil
  }
}

/// The four parameters of RFC 7692 §7.1, as both offers and responses have them.
private struct Parameters {
  var serverNoContextTakeover = false
  var clientNoContextTakeover = false
  var serverMaxWindowBits: Int?
  var clientMaxWindowBits: PerMessageDeflate.ClientWindowOffer?
}

extension Parameters {
  /// Reads parameters; nil if one is unknown, doubled or has an invalid value.
  init?(_ element: ExtensionElement) {
    for parameter in element.parameters {
      switch (parameter.name, parameter.value) {
      case ("server_no_context_takeover", nil) where !serverNoContextTakeover:
        serverNoContextTakeover = true
      case ("client_no_context_takeover", nil) where !clientNoContextTakeover:
        clientNoContextTakeover = true
      case ("server_max_window_bits", let value?) where serverMaxWindowBits == nil:
        guard let bits = Self.windowBits(value) else {
          return nil
        }
        serverMaxWindowBits = bits
      case ("client_max_window_bits", nil) where clientMaxWindowBits == nil:
        clientMaxWindowBits = .anyLimit
      case ("client_max_window_bits", let value?) where clientMaxWindowBits == nil:
        guard let bits = Self.windowBits(value) else {
          return nil
        }
        clientMaxWindowBits = .atMost(bits)
      default:
        return nil
      }
    }
  }

  /// RFC 7692 §7.1.2: a decimal integer from 8 to 15 without leading zeroes.
  private static func windowBits(_ value: String) -> Int? {
    switch value {
    case "8": 8
    case "9": 9
    case "10": 10
    case "11": 11
    case "12": 12
    case "13": 13
    case "14": 14
    case "15": 15
    default: nil
    }
  }

  var element: ExtensionElement {
    var element = ExtensionElement(PerMessageDeflate.name)
    if serverNoContextTakeover {
      element.parameters.append(.init("server_no_context_takeover"))
    }
    if clientNoContextTakeover {
      element.parameters.append(.init("client_no_context_takeover"))
    }
    if let serverMaxWindowBits {
      element.parameters.append(.init("server_max_window_bits", String(serverMaxWindowBits)))
    }
    switch clientMaxWindowBits {
    case nil: break
    case .anyLimit: element.parameters.append(.init("client_max_window_bits"))
    case .atMost(let bits):
      element.parameters.append(.init("client_max_window_bits", String(bits)))
    }
    return element
  }
}
