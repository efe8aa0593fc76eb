import HTTP
import Testing

@Suite("RFC 9112 §7.1 Chunked transfer coding")
struct BodyDecoderTests {
  /// The content and how many octets were taken, the input being cut into portions of `size`.
  private func decode(
    _ framing: BodyFraming, _ text: String, size: Int = .max, limit: Int = 1000
  ) throws(HeadError) -> (content: String, taken: Int, decoder: BodyDecoder) {
    var decoder = try BodyDecoder(framing, maximumByteCount: limit)
    let octets = Array(text.utf8)
    var content: [UInt8] = []
    var taken = 0
    while taken < octets.count, !decoder.isComplete {
      let portion = Array(octets[taken..<min(octets.count, size == .max ? .max : taken + size)])
      let count = try decoder.decode(portion.span) { piece in
        for index in piece.indices { content.append(piece[index]) }
      }
      taken += count
      if count == 0 { break }
    }
    return (String(decoding: content, as: UTF8.self), taken, decoder)
  }

  private static let chunked =
    "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nExpires: never\r\nX: y\r\n\r\nGET"

  @Test(arguments: [1, 2, 3, 7, 1000])
  func `chunks are joined however they are cut`(size: Int) throws {
    let (content, taken, decoder) = try decode(.chunked, Self.chunked, size: size)
    #expect(content == "hello world")
    #expect(taken == Self.chunked.utf8.count - 3)
    #expect(decoder.isComplete)
    #expect(decoder.trailers.count == 2)
  }

  @Test func `a length is taken and no more`() throws {
    let (content, taken, decoder) = try decode(.length(5), "helloGET", size: 2)
    #expect(content == "hello")
    #expect(taken == 5)
    #expect(decoder.isComplete)
  }

  @Test(arguments: [
    "\r\n", "g\r\n", " 5\r\nhello", "5\nhello", "5\r\nhello!\r\n", "5\r\nhelloX", "5\r\nhello\rX",
    "0x5\r\n", "-1\r\n", "1234567890123456\r\n", "0\r\nbad\r\n", "0\r\nA: b\n\r\n", "5\rX",
    "5;\u{1}\r\n",
  ])
  func `malformed chunks are refused`(text: String) {
    #expect(throws: HeadError.self) { try decode(.chunked, text) }
    #expect(throws: HeadError.self) { try decode(.chunked, text, size: 1) }
  }

  @Test func `a truncated body is not complete`() throws {
    let octets = Self.chunked.dropLast(3)
    for count in 0..<octets.count {
      var (_, _, decoder) = try decode(.chunked, String(octets.prefix(count)))
      #expect(!decoder.isComplete)
      let isWhole = decoder.receiveEndOfStream()
      #expect(!isWhole)
    }
  }

  @Test func `what is too long is answered with 413`() {
    for (framing, text) in [
      (BodyFraming.length(11), ""), (.chunked, "8\r\n12345678\r\n3\r\nabc\r\n"),
      (.untilClose, "12345678901"),
    ] {
      #expect {
        try decode(framing, text, limit: 10)
      } throws: {
        ($0 as? HeadError)?.status == .contentTooLarge
      }
    }
  }

  @Test func `extensions and trailers have bounds`() {
    #expect(throws: HeadError.self) {
      try decode(.chunked, "5;" + String(repeating: "a", count: 2000))
    }
    #expect(throws: HeadError.self) {
      try decode(.chunked, "0\r\nA: " + String(repeating: "a", count: 10_000))
    }
  }

  @Test func `what is encoded is decoded again`() throws {
    var output: [UInt8] = []
    for piece in ["one ", "", String(repeating: "two", count: 100)] {
      ChunkedEncoder.append(Array(piece.utf8).span, to: &output)
    }
    ChunkedEncoder.appendEnd(to: &output)
    let text = String(decoding: output, as: UTF8.self)
    let (content, taken, decoder) = try decode(.chunked, text, size: 5)
    #expect(content == "one " + String(repeating: "two", count: 100))
    #expect(taken == output.count)
    #expect(decoder.isComplete)
  }
}
