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
    #expect(!template.isNumbered)
    #expect(template.octets(ofMessage: 7) == template.octets)
    let other = Array("as it was".utf8)
    #expect(matches(template.octets, template) && !matches(other, template))
  }

  func matches(_ payload: [UInt8], _ template: PayloadTemplate) -> Bool {
    template.matches(payload.span)
  }

  func number(in payload: [UInt8], _ template: PayloadTemplate) -> UInt64? {
    template.number(in: payload.span, near: 10)
  }

  @Test(arguments: PayloadContent.allCases, [1, 8, 9, 300])
  func `an echo is known by its number, and by what stands around it`(
    content: PayloadContent, size: Int
  ) {
    let template = PayloadTemplate(content, byteCount: size, isText: true, seed: 1)
    let echo = template.octets(ofMessage: 12)
    #expect(number(in: echo, template) == 12)
    #expect(matches(echo, template))
    let short = Array(echo.dropLast())
    #expect(number(in: short, template) == nil && !matches(short, template))
    for place in echo.indices {
      var damaged = echo
      damaged[place] ^= 0x80
      let digit = place - template.sequence.offset
      let hasNumber = !(0..<template.sequence.digitCount).contains(digit)
      #expect(number(in: damaged, template) == (hasNumber ? 12 : nil))
      #expect(matches(damaged, template) == !hasNumber)
    }
  }
}
