import Testing
import WebSocketProtocol

@Suite("RFC 7692 §7.1 Negotiation")
struct PerMessageDeflateTests {
  typealias Agreement = PerMessageDeflate.Agreement
  typealias Offer = PerMessageDeflate.Offer
  typealias Policy = PerMessageDeflate.Policy
  typealias Response = PerMessageDeflate.Response

  static func element(_ parameters: String) throws -> ExtensionElement {
    let text = "permessage-deflate" + (parameters.isEmpty ? "" : "; " + parameters)
    return try #require(ExtensionElement.parse(text)?.first)
  }

  @Test(arguments: [
    "server_no_context_takeover=1", "client_no_context_takeover=true",
    "server_no_context_takeover; server_no_context_takeover",
    "client_no_context_takeover; client_no_context_takeover",
    "server_max_window_bits", "server_max_window_bits=10; server_max_window_bits=10",
    "client_max_window_bits; client_max_window_bits=10",
    "client_max_window_bits=9; client_max_window_bits=9",
    "unknown", "Server_no_context_takeover", "server_max_window_bits=abc",
    "server_max_window_bits=\"8.0\"", "constructor",
  ])
  func `a parameter unknown, doubled or invalid makes an offer invalid`(text: String) throws {
    let element = try Self.element(text)
    #expect(Offer(element) == nil)
    #expect(Response(element) == nil)
    #expect(PerMessageDeflate.accept([element], policy: Policy()) == nil)
  }

  @Test(arguments: [
    "0", "1", "7", "16", "17", "20", "100", "1000", "08", "015", "+9", "-8", "0x9", "9a",
    "99999999999999999999", "\"16\"",
  ])
  func `window bits out of range or oddly written are invalid`(value: String) throws {
    for name in ["server_max_window_bits", "client_max_window_bits"] {
      let element = try Self.element("\(name)=\(value)")
      #expect(Offer(element) == nil)
      #expect(Response(element) == nil)
    }
  }

  @Test(arguments: 8...15)
  func `window bits from 8 to 15 are valid, also in quotes`(bits: Int) throws {
    for text in ["\(bits)", "\"\(bits)\""] {
      let element = try Self.element(
        "server_max_window_bits=\(text); client_max_window_bits=\(text)")
      #expect(
        Offer(element)
          == Offer(serverMaxWindowBits: bits, clientMaxWindowBits: .atMost(bits)))
      #expect(
        Response(element) == Response(serverMaxWindowBits: bits, clientMaxWindowBits: bits))
      let accepted = PerMessageDeflate.accept([element], policy: Policy())
      #expect(
        accepted?.agreement
          == Agreement(serverMaxWindowBits: bits, clientMaxWindowBits: bits))
    }
  }

  @Test func `client_max_window_bits without a value is for offers only`() throws {
    let element = try Self.element("client_max_window_bits")
    #expect(Offer(element) == Offer(clientMaxWindowBits: .anyLimit))
    #expect(Response(element) == nil)
  }

  @Test func `offers and responses are written as they are read`() throws {
    for flags in 0..<4 {
      for serverBits in [nil, 8, 15] {
        for clientBits in [nil, 9, 15] {
          let response = Response(
            serverNoContextTakeover: flags & 1 != 0, clientNoContextTakeover: flags & 2 != 0,
            serverMaxWindowBits: serverBits, clientMaxWindowBits: clientBits)
          #expect(Response(response.element) == response)
          for window in [nil, .anyLimit, clientBits.map { .atMost($0) }]
            as [PerMessageDeflate.ClientWindowOffer?]
          {
            let offer = Offer(
              serverNoContextTakeover: flags & 1 != 0, clientNoContextTakeover: flags & 2 != 0,
              serverMaxWindowBits: serverBits, clientMaxWindowBits: window)
            #expect(Offer(offer.element) == offer)
          }
        }
      }
    }
    #expect(Offer().element.description == "permessage-deflate; client_max_window_bits")
  }

  @Test func `the first acceptable offer wins, invalid ones are passed over`() throws {
    let text = """
      x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=7, \
      permessage-deflate; unknown, permessage-deflate; server_max_window_bits=10, \
      permessage-deflate
      """
    let elements = try #require(ExtensionElement.parse(text))
    let accepted = try #require(PerMessageDeflate.accept(elements, policy: Policy()))
    #expect(accepted.response == Response(serverMaxWindowBits: 10))
    #expect(accepted.agreement == Agreement(serverMaxWindowBits: 10))
    let limited = Policy(clientMaxWindowBits: 9, declinesUnlimitedClientWindow: true)
    #expect(PerMessageDeflate.accept(elements, policy: limited) == nil)
    #expect(PerMessageDeflate.accept([], policy: Policy()) == nil)
  }

  @Test(arguments: [
    ("", Policy(), "", Agreement()),
    ("client_max_window_bits", Policy(), "", Agreement()),
    (
      "server_no_context_takeover", Policy(), "; server_no_context_takeover",
      Agreement(serverNoContextTakeover: true)
    ),
    (
      "client_no_context_takeover", Policy(), "; client_no_context_takeover",
      Agreement(clientNoContextTakeover: true)
    ),
    (
      "", Policy(serverNoContextTakeover: true, clientNoContextTakeover: true),
      "; server_no_context_takeover; client_no_context_takeover",
      Agreement(serverNoContextTakeover: true, clientNoContextTakeover: true)
    ),
    (
      "server_max_window_bits=15", Policy(), "; server_max_window_bits=15", Agreement()
    ),
    (
      "server_max_window_bits=12", Policy(serverMaxWindowBits: 10), "; server_max_window_bits=10",
      Agreement(serverMaxWindowBits: 10)
    ),
    (
      "", Policy(serverMaxWindowBits: 10), "; server_max_window_bits=10",
      Agreement(serverMaxWindowBits: 10)
    ),
    ("", Policy(clientMaxWindowBits: 10), "", Agreement()),
    (
      "client_max_window_bits", Policy(clientMaxWindowBits: 10), "; client_max_window_bits=10",
      Agreement(clientMaxWindowBits: 10)
    ),
    (
      "client_max_window_bits=9", Policy(clientMaxWindowBits: 10), "; client_max_window_bits=9",
      Agreement(clientMaxWindowBits: 9)
    ),
    (
      "client_max_window_bits=12", Policy(), "; client_max_window_bits=12",
      Agreement(clientMaxWindowBits: 12)
    ),
  ])
  func `a server answers as its policy has it`(
    offer: String, policy: Policy, response: String, agreement: Agreement
  ) throws {
    let accepted = PerMessageDeflate.accept([try Self.element(offer)], policy: policy)
    #expect(accepted?.response.element.description == "permessage-deflate" + response)
    #expect(accepted?.agreement == agreement)
  }

  @Test func `a policy that needs a limit declines who cannot be limited`() throws {
    let policy = Policy(clientMaxWindowBits: 10, declinesUnlimitedClientWindow: true)
    #expect(PerMessageDeflate.accept([try Self.element("")], policy: policy) == nil)
    let elements = try #require(
      ExtensionElement.parse("permessage-deflate, permessage-deflate; client_max_window_bits"))
    #expect(
      PerMessageDeflate.accept(elements, policy: policy)?.agreement
        == Agreement(clientMaxWindowBits: 10))
  }

  @Test(arguments: [
    // RFC 7692 §7.1.1.1: not answered though asked for.
    (Offer(serverNoContextTakeover: true), Response()),
    // RFC 7692 §7.1.2.1: not answered, or with more.
    (Offer(serverMaxWindowBits: 10), Response()),
    (Offer(serverMaxWindowBits: 10), Response(serverMaxWindowBits: 11)),
    // RFC 7692 §7.1.2.2: answered though not offered, or with more.
    (Offer(clientMaxWindowBits: nil), Response(clientMaxWindowBits: 15)),
    (Offer(clientMaxWindowBits: .atMost(9)), Response(clientMaxWindowBits: 10)),
  ])
  func `a response that does not answer the offer fails`(offer: Offer, response: Response) {
    #expect(response.agreement(answering: offer) == nil)
  }

  @Test(arguments: [
    (Offer(), Response(), Agreement()),
    (
      Offer(), Response(serverNoContextTakeover: true, clientNoContextTakeover: true),
      Agreement(serverNoContextTakeover: true, clientNoContextTakeover: true)
    ),
    (
      Offer(clientNoContextTakeover: true), Response(), Agreement(clientNoContextTakeover: true)
    ),
    (Offer(), Response(serverMaxWindowBits: 8), Agreement(serverMaxWindowBits: 8)),
    (Offer(serverMaxWindowBits: 15), Response(), Agreement()),
    (Offer(), Response(clientMaxWindowBits: 8), Agreement(clientMaxWindowBits: 8)),
    (
      Offer(serverMaxWindowBits: 12), Response(serverMaxWindowBits: 10),
      Agreement(serverMaxWindowBits: 10)
    ),
    (
      Offer(clientMaxWindowBits: .atMost(11)), Response(), Agreement(clientMaxWindowBits: 11)
    ),
  ])
  func `a response that answers the offer makes an agreement`(
    offer: Offer, response: Response, agreement: Agreement
  ) {
    #expect(response.agreement(answering: offer) == agreement)
  }

  @Test func `whatever a server answers, the client agrees to`() throws {
    let windows: [PerMessageDeflate.ClientWindowOffer?] =
      [nil, .anyLimit] + (8...15).map { .atMost($0) }
    for flags in 0..<16 {
      for serverBits in [nil] + (8...15).map(Optional.some) {
        for window in windows {
          let offer = Offer(
            serverNoContextTakeover: flags & 1 != 0, clientNoContextTakeover: flags & 2 != 0,
            serverMaxWindowBits: serverBits, clientMaxWindowBits: window)
          for policyBits in [8, 11, 15] {
            let policy = Policy(
              serverNoContextTakeover: flags & 4 != 0, clientNoContextTakeover: flags & 8 != 0,
              serverMaxWindowBits: policyBits, clientMaxWindowBits: policyBits)
            let accepted = try #require(
              PerMessageDeflate.accept([offer.element], policy: policy))
            let response = try #require(Response(accepted.response.element))
            #expect(response.agreement(answering: offer) == accepted.agreement)
          }
        }
      }
    }
  }

  @Test func `an agreement tells the parameters of each role`() {
    let agreement = Agreement(
      serverNoContextTakeover: true, serverMaxWindowBits: 9, clientMaxWindowBits: 12)
    #expect(agreement.maxWindowBits(of: .server) == 9)
    #expect(agreement.maxWindowBits(of: .client) == 12)
    #expect(agreement.noContextTakeover(of: .server))
    #expect(!agreement.noContextTakeover(of: .client))
  }
}
