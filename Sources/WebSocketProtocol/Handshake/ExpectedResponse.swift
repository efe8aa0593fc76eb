public import HTTP

/// What the server's answer to an opening handshake must satisfy (RFC 6455 §4.1).
public struct ExpectedResponse: Hashable, Sendable {
  /// What Sec-WebSocket-Accept must be; nil: no value answers the request.
  public var acceptValue: String?
  /// The subprotocols that were offered.
  public var subprotocols: [String]
  /// The offers of permessage-deflate, the only extension that is known here.
  public var offers: [PerMessageDeflate.Offer]

  /// Makes an expectation from what the request said.
  public init(
    acceptValue: String?, subprotocols: [String] = [], offers: [PerMessageDeflate.Offer] = []
  ) {
    self.acceptValue = acceptValue
    self.subprotocols = subprotocols
    self.offers = offers
  }

  /// What the response establishes.
  ///
  /// - Parameter head: A response that is not an interim one.
  /// - Returns: What client and server agreed on.
  /// - Throws: Why the connection must be failed.
  public func validate(
    _ head: ResponseHead
  ) throws(HandshakeFailure) -> ClientHandshake.Established {
    let fields = head.fields
    guard head.status.code == 101 else {
      throw .refused(head)
    }
    guard head.version >= .http11 else {
      throw .unreadable(HeadError(.httpVersionNotSupported, "HTTP/1.0 has no upgrade"))
    }
    guard let upgrade = fields.single(.upgrade), Syntax.isEqualIgnoringCase(upgrade, "websocket")
    else {
      throw .invalidUpgrade
    }
    guard fields.contains(token: "upgrade", in: .connection) else {
      throw .invalidConnection
    }
    guard let acceptValue, fields.single(.secWebSocketAccept) == acceptValue else {
      throw .invalidAccept
    }
    return ClientHandshake.Established(
      head: head, subprotocol: try validateSubprotocol(fields),
      compression: try validateExtensions(fields))
  }

  private func validateSubprotocol(_ fields: HTTPFields) throws(HandshakeFailure) -> String? {
    guard let value = fields[.secWebSocketProtocol] else {
      return nil
    }
    guard subprotocols.contains(value) else {
      throw .invalidSubprotocol(value)
    }
    return value
  }

  private func validateExtensions(
    _ fields: HTTPFields
  ) throws(HandshakeFailure) -> PerMessageDeflate.Agreement? {
    guard let value = fields[.secWebSocketExtensions] else {
      return nil
    }
    guard let elements = ExtensionElement.parse(value), elements.count <= 1 else {
      throw .invalidExtensions(value)
    }
    guard let element = elements.first else {
      return nil
    }
    guard element.name == PerMessageDeflate.name,
      let response = PerMessageDeflate.Response(element),
      let agreement = offers.lazy.compactMap(response.agreement(answering:)).first
    else {
      throw .invalidExtensions(value)
    }
    return agreement
  }
}
