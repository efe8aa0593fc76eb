import CaseLanguage
import HTTP
import WebSocketProtocol

/// What a case answers to a client's request, as far as it is usual.
struct ServerOpening {
  /// The usual response.
  var response: ComposedHead
  /// The compression that it agrees to.
  var compression: PerMessageDeflate.Agreement?
  /// What the client offered.
  private var offers: [PerMessageDeflate.Offer]

  /// The usual answer of a case to a request, valid or not, with further fields.
  init(to request: RequestHead, of playedCase: Case, fields: HTTPFields) {
    offers = request.fields[values: .secWebSocketExtensions]
      .flatMap(PerMessageDeflate.Offer.all)
    var head = ResponseHead(status: .switchingProtocols)
    head.fields.append(HTTPField(name: .upgrade, value: "websocket"))
    head.fields.append(HTTPField(name: .connection, value: "Upgrade"))
    let key = request.fields[.secWebSocketKey] ?? ""
    head.fields.append(
      HTTPField(name: .secWebSocketAccept, value: HandshakeKey.acceptValue(answering: key)))
    if let (response, agreement) = playedCase.compression?.answer(to: offers) {
      head.fields[.secWebSocketExtensions] = response.element.description
      compression = agreement
    }
    for field in fields { head.fields.append(field) }
    response = ComposedHead(head)
  }

  /// The compression that a client takes for granted after this response; nil: none.
  func compression(after response: ComposedHead) -> PerMessageDeflate.Agreement? {
    let elements = response.values(of: .secWebSocketExtensions)
      .flatMap { ExtensionElement.parse($0) ?? [] }
    guard elements.count == 1, elements[0].name == PerMessageDeflate.name,
      let answer = PerMessageDeflate.Response(elements[0])
    else { return nil }
    return offers.lazy.compactMap(answer.binding(answering:)).first
  }
}

extension PerMessageDeflate.Response {
  /// The agreement as far as it binds a client: what it only hinted at it may leave undone.
  ///
  /// RFC 7692 §7.1.1.2 and §7.1.2.2: a hint lets a server save memory. To keep the context and the
  /// whole window undoes what either kind of client sends, as the established suite does.
  func binding(answering offer: PerMessageDeflate.Offer) -> PerMessageDeflate.Agreement? {
    agreement(answering: offer).map { agreement in
      PerMessageDeflate.Agreement(
        serverNoContextTakeover: agreement.serverNoContextTakeover,
        clientNoContextTakeover: clientNoContextTakeover,
        serverMaxWindowBits: agreement.serverMaxWindowBits,
        clientMaxWindowBits: clientMaxWindowBits ?? 15)
    }
  }
}

extension CompressionPolicy {
  /// The answer of the first rule that some offer fits, to the first such offer.
  func answer(
    to offers: [PerMessageDeflate.Offer]
  ) -> (response: PerMessageDeflate.Response, agreement: PerMessageDeflate.Agreement)? {
    for rule in acceptance {
      for offer in offers {
        var bits = rule.clientMaxWindowBits
        if let wanted = bits {
          guard let most = offer.clientMaxWindowBits else { continue }
          if case .atMost(let limit) = most { bits = min(wanted, limit) }
        }
        let response = PerMessageDeflate.Response(
          serverNoContextTakeover: offer.serverNoContextTakeover,
          clientNoContextTakeover: rule.clientNoContextTakeover,
          serverMaxWindowBits: offer.serverMaxWindowBits, clientMaxWindowBits: bits)
        if let agreement = response.binding(answering: offer) { return (response, agreement) }
      }
    }
    return nil
  }
}
