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
  /// The subprotocols on offer, the preferred one first.
  public var subprotocols: [String] = []

  /// An opening handshake with the server at `url`.
  public init(url: WebSocketURL, key: HandshakeKey, fields: HTTPFields = HTTPFields()) {
    self.url = url
    self.key = key
    self.fields = fields
  }

  /// The usual request of a case: what the case is about in a request, it says alone.
  func request(of playedCase: Case) -> ComposedHead {
    let offers = playedCase.compression?.offers ?? []
    let own = playedCase.requestFieldNames
    let isOffering = !own.contains(HTTPField.Name.secWebSocketProtocol.canonicalName)
    return ComposedHead(
      ClientHandshake(
        url: url, key: key, subprotocols: isOffering ? subprotocols : [],
        fields: HTTPFields(fields.filter { !own.contains($0.name.canonicalName) }),
        extensions: offers.isEmpty ? nil : offers.joined(separator: ", ")
      ).request)
  }
}

extension Case {
  /// The names, in lowercase, of the fields that the case sets in its requests, and of those that it
  /// looks for in the answer.
  ///
  /// Host and User-Agent are not among them: every request has them, and what a case does with them
  /// it does with those.
  var requestFieldNames: Set<String> {
    var names: Set<String> = []
    for case .opening(let script) in steps where script.kind == .request {
      for edit in script.edits {
        switch edit {
        case .field(let name, _), .addition(let name, _): names.insert(name.lowercased())
        case .part, .line: break
        }
      }
    }
    for reaction in expectation.reactions {
      switch reaction.opening {
      case .accepted(let tests), .refused(_, let tests):
        for case .field(let name) in tests.map(\.subject) { names.insert(name.lowercased()) }
      case .dropped, .requested, .unasked, .followed, .stayed: break
      }
    }
    return names.subtracting(["host", "user-agent"])
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
