import WebSocketProtocol

/// Reads a Sec-WebSocket-Extensions field; what parses must survive being written and read again.
func fuzzExtensions(_ input: Span<UInt8>) {
  var octets: [UInt8] = []
  for index in input.indices { octets.append(input[index]) }
  guard let elements = ExtensionElement.parse(String(decoding: octets, as: UTF8.self)) else {
    return
  }
  let text = elements.map(\.description).joined(separator: ", ")
  check(ExtensionElement.parse(text) == elements, "not the same again: \(text)")
  _ = PerMessageDeflate.accept(elements, policy: PerMessageDeflate.Policy())
  for element in elements {
    guard let response = PerMessageDeflate.Response(element) else { continue }
    check(PerMessageDeflate.Response(response.element) == response)
    _ = response.agreement(answering: PerMessageDeflate.Offer())
  }
}
