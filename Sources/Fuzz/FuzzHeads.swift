import HTTP
import WebSocketProtocol

/// Reads a request, whole and in pieces; what parses must also be answerable.
func fuzzRequestHead(_ input: Span<UInt8>) {
  var handshake = ServerHandshake(limits: HeadLimits())
  let whole = describe(handshake.receive(input))
  check(whole == requestOutcome(inPieces: input), "cutting the head changed the outcome")
}

private func requestOutcome(inPieces input: Span<UInt8>) -> String {
  var handshake = ServerHandshake(limits: HeadLimits())
  var outcome = "needs more"
  var cuts = Cuts(seed: input.extracting(first: min(input.count, 2)))
  cuts.forEachPiece(of: input) { piece in
    outcome = describe(handshake.receive(piece))
    return outcome == "needs more"
  }
  return outcome
}

private func describe(_ outcome: ServerHandshake.Outcome) -> String {
  switch outcome {
  case .needsMore: return "needs more"
  case .upgrade(let request, _):
    var response: [UInt8] = []
    let accepted = PerMessageDeflate.accept(request.extensions, policy: PerMessageDeflate.Policy())
    request.writeResponse(
      subprotocol: request.subprotocols.first, compression: accepted?.response, to: &response)
    return "upgrade \(request.head) \(response)"
  case .ordinary(let head, _): return "ordinary \(head)"
  case .refused(let refusal, _): return "refused \(refusal)"
  }
}

/// Reads a response as a client does, whole and in pieces.
func fuzzResponseHead(_ input: Span<UInt8>) {
  guard let url = try? WebSocketURL("ws://localhost/") else { return }
  func client() -> ClientHandshake {
    ClientHandshake(
      url: url, key: HandshakeKey(octets: Array(repeating: 7, count: 16)), subprotocols: ["chat"],
      compression: [PerMessageDeflate.Offer()])
  }
  var handshake = client()
  let whole = describe(handshake.receive(input))
  handshake = client()
  var outcome = "needs more"
  var cuts = Cuts(seed: input.extracting(first: min(input.count, 2)))
  cuts.forEachPiece(of: input) { piece in
    outcome = describe(handshake.receive(piece))
    return outcome == "needs more"
  }
  check(whole == outcome, "cutting the head changed the outcome")
}

private func describe(_ outcome: ClientHandshake.Outcome) -> String {
  switch outcome {
  case .needsMore: "needs more"
  case .established(let established, _): "established \(established)"
  case .failed(let failure): "failed \(failure)"
  }
}
