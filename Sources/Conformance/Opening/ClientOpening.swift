import CaseLanguage
public import HTTP
public import WebSocketProtocol

/// What a request needs to know beside the case: where it goes, and what is drawn anew.
public struct ClientOpening: Sendable {
  /// The server and the resource.
  public var url: WebSocketURL
  /// A key drawn anew for this connection.
  public var key: HandshakeKey
  /// Further fields, such as User-Agent.
  public var fields: HTTPFields

  /// An opening handshake with the server at `url`.
  public init(url: WebSocketURL, key: HandshakeKey, fields: HTTPFields = HTTPFields()) {
    self.url = url
    self.key = key
    self.fields = fields
  }

  /// The usual request of a case.
  func request(of playedCase: Case) -> ComposedHead {
    let offers = playedCase.compression?.offers ?? []
    return ComposedHead(
      ClientHandshake(
        url: url, key: key, fields: fields,
        extensions: offers.isEmpty ? nil : offers.joined(separator: ", ")
      ).request)
  }
}

extension PerMessageDeflate.Offer {
  /// The valid offers in the value of a Sec-WebSocket-Extensions field.
  static func all(in value: String) -> [PerMessageDeflate.Offer] {
    (ExtensionElement.parse(value) ?? []).compactMap { element in
      element.name == PerMessageDeflate.name ? PerMessageDeflate.Offer(element) : nil
    }
  }
}

extension ExpectedResponse {
  /// What must answer the request as it was sent.
  init(answering request: ComposedHead) {
    let key = request.values(of: .secWebSocketKey).first
    let protocols = request.values(of: .secWebSocketProtocol).flatMap { value in
      HTTPFields([HTTPField(name: .secWebSocketProtocol, value: value)])
        .elements(of: .secWebSocketProtocol).map(String.init)
    }
    let offers = request.values(of: .secWebSocketExtensions).flatMap(PerMessageDeflate.Offer.all)
    self.init(
      acceptValue: key.map(HandshakeKey.acceptValue(answering:)), subprotocols: protocols,
      offers: offers)
  }
}
