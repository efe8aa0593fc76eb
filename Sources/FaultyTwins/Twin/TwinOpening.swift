import HTTP
import WebSocketProtocol

/// What came of the octets of an opening handshake.
enum OpeningStep {
  case needsMore
  /// The connection is open; the octets of the peer behind its head are frames.
  case opened(PerMessageDeflate.Agreement?, rest: [UInt8])
  /// The connection is given up.
  case failed
  /// The connection is given up, for one that the server has named.
  case redirected(String)
}

/// The server's side of the opening handshake (RFC 6455 §4.2), with a deviation.
struct ServerTwinOpening {
  let deviation: Deviation
  private var gate: HeadGate
  private var parser: RequestHeadParser

  init(_ deviation: Deviation) {
    self.deviation = deviation
    gate = HeadGate(deviation.readsHead)
    parser = RequestHeadParser(limits: deviation.headLimits)
  }

  /// Takes the next octets, and appends what is to be answered.
  mutating func receive(_ octets: [UInt8], output: inout [UInt8]) -> OpeningStep {
    let octets = gate.take(octets)
    do throws(HandshakeRefusal) {
      guard let (head, byteCount) = try parse(octets) else { return .needsMore }
      let request = try judge(head)
      let rest = Array(octets[byteCount...])
      return accept(request, asSent: head, rest: rest, output: &output)
    } catch {
      var refusal = error
      deviation.refuses?(&refusal)
      var answer: [UInt8] = []
      refusal.write(to: &answer)
      output += deviation.writesHead?(answer) ?? answer
      return deviation.opensAfterRefusal ? .opened(nil, rest: []) : .failed
    }
  }

  private mutating func parse(
    _ octets: [UInt8]
  ) throws(HandshakeRefusal) -> (RequestHead, Int)? {
    do {
      return try parser.parse(octets.span)
    } catch {
      throw HandshakeRefusal(error)
    }
  }

  private func judge(_ head: RequestHead) throws(HandshakeRefusal) -> HandshakeRequest {
    var head = head
    deviation.readsRequest?(&head)
    guard let request = try HandshakeRequest.validate(head) else {
      throw HandshakeRefusal(
        .upgradeRequired, "this server speaks WebSocket only",
        fields: [.upgrade: "websocket", .connection: "Upgrade"])
    }
    return request
  }

  private func accept(
    _ request: HandshakeRequest, asSent head: RequestHead, rest: [UInt8], output: inout [UInt8]
  ) -> OpeningStep {
    var offers = request.extensions
    deviation.readsOffers?(&offers)
    let accepted = PerMessageDeflate.accept(offers, policy: PerMessageDeflate.Policy())
    var answer: [UInt8] = []
    request.writeResponse(
      compression: accepted?.response, fields: [.server: "gauntlet-twin"], to: &answer)
    if let change = deviation.writesResponse { answer = changed(answer, by: change, to: head) }
    output += deviation.writesHead?(answer) ?? answer
    var agreement = accepted?.agreement
    deviation.agrees?(&agreement)
    return .opened(agreement, rest: deviation.readsBehindHead?(rest) ?? rest)
  }

  private func changed(
    _ answer: [UInt8], by change: Deviation.ResponseChange, to request: RequestHead
  ) -> [UInt8] {
    var parser = ResponseHeadParser()
    guard let (head, _) = try? parser.parse(answer.span) else { return answer }
    var response = head
    change(&response, request)
    var octets: [UInt8] = []
    response.write(to: &octets)
    return octets
  }
}

/// The client's side of the opening handshake (RFC 6455 §4.1), with a deviation.
struct ClientTwinOpening {
  let deviation: Deviation
  let request: RequestHead
  private let expectation: ExpectedResponse
  private var gate: HeadGate
  private var parser: ResponseHeadParser

  private let isSecure: Bool

  init(
    _ url: WebSocketURL, key: HandshakeKey, authorization: String? = nil, _ deviation: Deviation
  ) {
    self.deviation = deviation
    isSecure = url.isSecure
    let offers = [PerMessageDeflate.Offer()]
    var request = ClientHandshake(
      url: url, key: key, compression: offers, fields: [.userAgent: "gauntlet-twin"]
    ).request
    request.fields[.authorization] = authorization
    deviation.writesRequest?(&request)
    self.request = request
    // The twin believes in what it sent, as any client does.
    expectation = ExpectedResponse(
      acceptValue: HandshakeKey.acceptValue(
        answering: request.fields[.secWebSocketKey] ?? key.value), offers: offers)
    gate = HeadGate(deviation.readsHead)
    parser = ResponseHeadParser(limits: deviation.headLimits)
  }

  /// Appends the request.
  func begin(output: inout [UInt8]) {
    var octets: [UInt8] = []
    // A URL's resource name has no octet that a request target may not have.
    try? request.write(to: &octets)
    output += deviation.writesHead?(octets) ?? octets
  }

  /// Takes the next octets.
  mutating func receive(_ octets: [UInt8]) -> OpeningStep {
    let octets = gate.take(octets)
    var position = 0
    while true {
      let complete: (head: ResponseHead, byteCount: Int)?
      do {
        complete = try parser.parse(octets.span.extracting(droppingFirst: position))
      } catch {
        return .failed
      }
      guard let complete else { return .needsMore }
      position += complete.byteCount
      var head = complete.head
      deviation.readsResponse?(&head, request)
      if head.status.kind == .informational, head.status.code != 101 {
        // RFC 9110 §15.2: interim responses precede the final one.
        parser = ResponseHeadParser(limits: deviation.headLimits)
        continue
      }
      guard let established = try? expectation.validate(head) else {
        let place = head.status.kind == .redirection ? head.fields[.location] : nil
        guard let place, deviation.follows?(isSecure, place) == true else { return .failed }
        return .redirected(place)
      }
      var agreement = established.compression
      deviation.agrees?(&agreement)
      let rest = Array(octets[position...])
      return .opened(agreement, rest: deviation.readsBehindHead?(rest) ?? rest)
    }
  }
}
