import CaseLanguage
import Testing
import WebSocketProtocol

@Suite("Which answers to our offers a case permits")
struct AgreementRuleTests {
  func policy(_ rules: String) throws -> CompressionPolicy {
    let item = try oneCase("> ping", "agree \(rules)")
    return try #require(item.compression)
  }

  func answer(_ text: String) -> ExtensionElement? { ExtensionElement.parse(text)?.first }

  @Test(arguments: [
    ("any", "permessage-deflate", true), ("none", "permessage-deflate", false),
    ("server_max_window_bits", "permessage-deflate", false),
    ("server_max_window_bits", "permessage-deflate; server_max_window_bits=9", true),
    ("server_max_window_bits=8", "permessage-deflate; server_max_window_bits=9", false),
    ("server_max_window_bits<=9", "permessage-deflate; server_max_window_bits=9", true),
    ("server_max_window_bits<=9", "permessage-deflate; server_max_window_bits=10", false),
    ("!client_no_context_takeover", "permessage-deflate; client_no_context_takeover", false),
    ("server_max_window_bits=8, any", "permessage-deflate", true),
    ("server_no_context_takeover; server_max_window_bits<=15", "permessage-deflate", false),
  ])
  func `an answer is held to the rules`(rules: String, text: String, isPermitted: Bool) throws {
    #expect(try policy(rules).isPermitted(answer(text)) == isPermitted)
  }

  @Test func `a server may always decline, but only with none the case is played then`() throws {
    #expect(try policy("any").isPermitted(nil))
    #expect(try !policy("any").mayBeDeclined)
    #expect(try policy("none, any").mayBeDeclined)
  }
}
