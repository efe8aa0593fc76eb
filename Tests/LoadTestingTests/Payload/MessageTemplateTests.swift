import Testing

@testable import LoadTesting

@Suite("Message templates")
struct MessageTemplateTests {
  func text(_ template: String, _ values: MessageTemplate.Values) -> String {
    String(decoding: MessageTemplate(Array(template.utf8)).octets(values), as: UTF8.self)
  }

  @Test func `places are filled in, and other braces stay`() {
    var values = MessageTemplate.Values(sequence: 7, connection: 3, time: 99, channel: "2")
    values.stamp = Array("S".utf8)
    #expect(
      text("{{sequence}}/{{connection}}/{{time}}/{{channel}}{{stamp}}", values) == "7/3/99/2S")
    #expect(text("{\"a\":{{sequence}}}", values) == "{\"a\":7}")
    #expect(text("{{other}}{{", values) == "{{other}}{{")
    #expect(text("", values) == "")
  }

  @Test func `what stands around a place is known where it is always the same`() throws {
    let template = MessageTemplate(Array("<{{channel}}:{{stamp}}>".utf8))
    let around = try #require(template.surroundings(of: .stamp, .init(channel: "5")))
    #expect(around.before == Array("<5:".utf8))
    #expect(around.after == Array(">".utf8))
    for other in ["no place", "{{stamp}}{{stamp}}", "{{stamp}}{{time}}", "{{sequence}}{{stamp}}"] {
      #expect(MessageTemplate(Array(other.utf8)).surroundings(of: .stamp, .init()) == nil)
    }
  }
}
