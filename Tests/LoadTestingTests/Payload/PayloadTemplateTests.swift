import Testing

@testable import LoadTesting

@Suite("Payloads")
struct PayloadTemplateTests {
  static let sizes = [0, 1, 4, 7, 8, 9, 20, 22, 30, 40, 125, 126, 1024, 65_536]

  @Test(arguments: PayloadContent.allCases, sizes)
  func `a payload has exactly its size and is text where it must be`(
    content: PayloadContent, size: Int
  ) {
    for isText in [false, true] {
      let template = PayloadTemplate(content, byteCount: size, isText: isText, seed: 1)
      #expect(template.octets.count == size)
      #expect(template.sequence.digitCount == min(8, size))
      if isText || content == .text || content == .json {
        #expect(String(validating: template.octets, as: UTF8.self) != nil)
      }
    }
  }

  @Test func `the same seed gives the same payload`() {
    let one = PayloadTemplate(.json, byteCount: 500, isText: true, seed: 7)
    #expect(one == PayloadTemplate(.json, byteCount: 500, isText: true, seed: 7))
    #expect(one != PayloadTemplate(.json, byteCount: 500, isText: true, seed: 8))
  }

  @Test func `a JSON payload holds the number as a string`() {
    let template = PayloadTemplate(.json, byteCount: 300, isText: true, seed: 1)
    let text = String(decoding: template.octets, as: UTF8.self)
    #expect(text.hasPrefix(#"{"sequence":"]]]]]]]]","records":[{"id":"#))
    #expect(text.hasSuffix("}"))
    #expect(text.filter { $0 == "[" }.count == 1)
  }

  @Test func `a file's placeholder becomes the number`() {
    let template = PayloadTemplate(file: Array(#"{"n":"{{sequence}}"}"#.utf8))
    #expect(String(decoding: template.octets, as: UTF8.self) == #"{"n":"]]]]]]]]"}"#)
    #expect(template.sequence == SequenceField(offset: 6, digitCount: 8))
  }

  @Test func `a file without a placeholder stays as it is`() {
    let template = PayloadTemplate(file: Array("as it is".utf8))
    #expect(template.octets == Array("as it is".utf8))
    #expect(template.sequence.digitCount == 0)
  }
}
