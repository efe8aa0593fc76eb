import CaseLanguage
import Testing
import WebSocketProtocol

@Suite("Payloads")
struct PayloadTests {
  /// A payload as the language reads it.
  func payload(_ text: String) throws -> Payload {
    guard case .piece(let payload) = try oneCase("> piece \(text)").steps[0] else {
      throw CancellationError()
    }
    return payload
  }

  @Test(arguments: [
    (#""Hello""#, Array("Hello".utf8)),
    (#""a\n\r\t\"\\\x00\xff""#, [97, 10, 13, 9, 34, 92, 0, 255]),
    (#""κ\u{20ac}""#, [0xce, 0xba, 0xe2, 0x82, 0xac]),
    ("hex:dead be ef", [0xde, 0xad, 0xbe, 0xef]),
    ("3*\"ab\"", Array("ababab".utf8)), ("repeat(\"abc\", 4)", Array("abca".utf8)),
    ("2*(\"a\" + hex:00)", [97, 0, 97, 0]), ("\"a\" + 2*\"b\" + \"c\"", Array("abbc".utf8)),
    ("count(0x7f...0x81)", [0x7f, 0x80, 0x81]), ("0*\"x\"", []), ("\"\"", []),
    ("1KiB*\"\"", []), ("repeat(\"ab\", 1)", [97]),
  ])
  func `an expression describes octets`(text: String, octets: [UInt8]) throws {
    let payload = try payload(text)
    #expect(payload.bytes() == octets)
    #expect(payload.count == octets.count)
    #expect(payload.withBytes { $0.count } == octets.count)
    #expect(try self.payload(payload.description) == payload)
  }

  @Test func `megabytes are described, not made`() throws {
    #expect(try payload("64MiB*\"x\"") == .repeated([0x78], count: 64 << 20))
    #expect(try payload("64MiB*\"x\"").count == 64 << 20)
  }

  @Test func `a slice of a corpus is a ring`() throws {
    let corpus = Corpus.named(.json)
    let size = corpus.unitCount
    let slice = try payload("corpus(json)[\(size - 2)..<\(size + 3)]")
    #expect(slice.bytes() == corpus.octets.suffix(2) + corpus.octets.prefix(3))
  }

  @Test func `concatenations have one form`() {
    let left = Payload.text("a") + (.text("b") + .repeated([1], count: 9))
    #expect(left == .concatenated([.text("ab"), .repeated([1], count: 9)]))
    #expect(Payload.empty + .text("x") == .text("x"))
    #expect((Payload.empty + .empty).isEmpty)
  }

  @Test func `a message is cut as the established suite cuts it`() {
    func lengths(_ count: Int, _ cut: Int?) -> [Int] {
      let payload = Payload.repeated([0x2a], count: count)
      return Step.Message(kind: .text, payload: payload, fragmentSize: cut).frameLengths
    }
    #expect(lengths(10, nil) == [10])
    #expect(lengths(10, 10) == [10])
    #expect(lengths(10, 3) == [3, 3, 3, 1])
    #expect(lengths(10, 5) == [5, 5, 0])
    #expect(lengths(0, 5) == [0])
  }
}
