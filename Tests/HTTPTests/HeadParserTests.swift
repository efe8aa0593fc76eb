import HTTP
import Testing

@Suite("RFC 9112 Message heads")
struct HeadParserTests {
  /// Parses a whole request head; the octets after it are counted out.
  static func request(
    _ octets: [UInt8], limits: HeadLimits = HeadLimits()
  ) throws(HeadError) -> (head: RequestHead, byteCount: Int)? {
    var parser = RequestHeadParser(limits: limits)
    return try parser.parse(octets.span)
  }

  static func error(of octets: [UInt8], limits: HeadLimits = HeadLimits()) -> HeadError? {
    do {
      _ = try request(octets, limits: limits)
      return nil
    } catch {
      return error
    }
  }

  static func response(_ text: String) throws(HeadError) -> ResponseHead? {
    var parser = ResponseHeadParser()
    return try parser.parse(Array(text.utf8).span)?.head
  }

  static let example = """
    GET /chat?room=1|2 HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    X-Empty:\r\n\
    x-spaces: \t a b \t \r\n\
    Sec-WebSocket-Protocol: chat, superchat\r\n\
    upgrade:other\r\n\
    \r\n
    """

  @Test func `a request head is read with its fields in order`() throws {
    let octets = Array((Self.example + "rest").utf8)
    let (head, byteCount) = try #require(try Self.request(octets))
    #expect(byteCount == octets.count - 4)
    #expect(head.method == .get)
    #expect(head.target == "/chat?room=1|2")
    #expect(head.version == .http11)
    #expect(
      head.fields.map(\.name.rawName) == [
        "Host", "Upgrade", "X-Empty", "x-spaces", "Sec-WebSocket-Protocol", "upgrade",
      ])
    #expect(
      head.fields.map(\.value) == [
        "server.example.com", "websocket", "", "a b", "chat, superchat", "other",
      ])
    #expect(head.fields[.http1Host] == "server.example.com")
  }

  @Test func `cut anywhere the head is the same and the rest is untouched`() throws {
    let octets = Array((Self.example + "rest").utf8)
    let (whole, byteCount) = try #require(try Self.request(octets))
    for split in 0...octets.count {
      var parser = RequestHeadParser()
      let first = try parser.parse(octets.span.extracting(first: split))
      if let first {
        #expect(split >= byteCount)
        #expect(first.head == whole && first.byteCount == byteCount)
      } else {
        #expect(split < byteCount)
        let second = try parser.parse(octets.span.extracting(droppingFirst: split))
        #expect(second?.head == whole)
        #expect(second?.byteCount == byteCount - split)
      }
    }
  }

  @Test func `octet by octet the head is the same`() throws {
    let octets = Array(Self.example.utf8)
    var parser = RequestHeadParser()
    #expect(parser.isEmpty)
    var head: RequestHead?
    for index in octets.indices {
      #expect(head == nil)
      head = try parser.parse(octets.span.extracting(index...index))?.head
      #expect(!parser.isEmpty)
    }
    #expect(try head == Self.request(octets)?.head)
  }

  @Test func `RFC 9112 §2.2 an empty line before the request is ignored`() throws {
    let octets = Array(("\r\n" + Self.example).utf8)
    #expect(try Self.request(octets)?.byteCount == octets.count)
  }

  @Test(arguments: [
    // Request lines.
    ("GET  / HTTP/1.1\r\n", 400), (" GET / HTTP/1.1\r\n", 400), ("GET /\r\n", 400),
    ("GET / HTTP/1.1 \r\n", 400), ("GET / HTTP/1\r\n", 400), ("GET / http/1.1\r\n", 400),
    ("GET / HTTP/1.10\r\n", 400), ("GET / HTTP/a.1\r\n", 400), ("GET /a b HTTP/1.1\r\n", 400),
    ("GET /#a HTTP/1.1\r\n", 400), ("GET /\u{7f} HTTP/1.1\r\n", 400), ("GET /ü HTTP/1.1\r\n", 400),
    ("GET\t/ HTTP/1.1\r\n", 400), ("G(T / HTTP/1.1\r\n", 400), ("\u{16}\u{3}\u{1}", 400),
    ("GET / HTTP/1.1\n", 400), ("GET / HTTP/1.1\r\r\n", 400), ("GET /\r HTTP/1.1\r\n", 400),
    ("PRI * HTTP/2.0\r\n", 505), ("GET / HTTP/0.9\r\n", 505), ("GET / HTTP/3.0\r\n", 505),
    ("\(String(repeating: "A", count: 33)) / HTTP/1.1\r\n", 501),
    // Field lines.
    ("GET / HTTP/1.1\r\nA: b\n", 400), ("GET / HTTP/1.1\r\nA : b\r\n", 400),
    ("GET / HTTP/1.1\r\nA\t: b\r\n", 400), ("GET / HTTP/1.1\r\n: b\r\n", 400),
    ("GET / HTTP/1.1\r\nA\r\n", 400), ("GET / HTTP/1.1\r\nA: b\r\n c", 400),
    ("GET / HTTP/1.1\r\nA: b\r\n\tc", 400), ("GET / HTTP/1.1\r\n A: b", 400),
    ("GET / HTTP/1.1\r\nA: b\u{0}c\r\n", 400), ("GET / HTTP/1.1\r\nA: b\rc\r\n", 400),
    ("GET / HTTP/1.1\r\nA: b\r\r\n", 400), ("GET / HTTP/1.1\r\nA: b\u{7f}\r\n", 400),
    ("GET / HTTP/1.1\r\nA: b\u{1}\r\n", 400), ("GET / HTTP/1.1\r\nA b: c\r\n", 400),
    ("GET / HTTP/1.1\r\nA(b): c\r\n", 400), ("GET / HTTP/1.1\r\nÄ: c\r\n", 400),
    ("GET / HTTP/1.1\r\n\n", 400), ("GET / HTTP/1.1\r\nA: b\r\n\n", 400),
  ])
  func `what breaks the grammar is refused with its status`(text: String, status: Int) {
    let octets = Array(text.utf8)
    #expect(Self.error(of: octets)?.status.code == status)
    #expect(Self.error(of: octets)?.reason.contains("\n") == false)
    // Octet by octet it comes to the same.
    var parser = RequestHeadParser()
    #expect(throws: HeadError.self) {
      for index in octets.indices {
        _ = try parser.parse(octets.span.extracting(index...index))
      }
    }
  }

  @Test func `limits are kept, each with its status`() {
    let limits = HeadLimits(
      maximumByteCount: 200, maximumStartLineByteCount: 50, maximumFieldCount: 4)
    let line = "GET / HTTP/1.1\r\n"
    let target = String(repeating: "a", count: 60)
    let cases: [(String, Int?)] = [
      ("GET /\(target)", 414), ("GET /\(target) HTTP/1.1\r\n\r\n", 414),
      ("GET /\(target.prefix(34)) HTTP/1.1\r\n\r\n", nil),
      ("GET /\(target.prefix(35)) HTTP/1.1\r\n\r\n", 414),
      (line + "a: " + String(repeating: "b", count: 400), 431),
      (line + "a: " + String(repeating: "b", count: 177) + "\r\n\r\n", nil),
      (line + "a: " + String(repeating: "b", count: 178) + "\r\n\r\n", 431),
      (line + String(repeating: "a: b\r\n", count: 4) + "\r\n", nil),
      (line + String(repeating: "a: b\r\n", count: 5) + "\r\n", 431),
    ]
    for (text, status) in cases {
      #expect(Self.error(of: Array(text.utf8), limits: limits)?.status.code == status, "\(text)")
    }
  }

  @Test func `endless fields and endless lines stop at the limit`() {
    for portion in ["a: b\r\n", "b", "GET"] {
      var parser = RequestHeadParser()
      var byteCount = 0
      #expect(throws: HeadError.self) {
        _ = try parser.parse(Array("GET / HTTP/1.1\r\n".utf8).span)
        let octets = Array(portion.utf8)
        while byteCount < 1 << 20 {
          _ = try parser.parse(octets.span)
          byteCount += octets.count
        }
      }
      #expect(byteCount <= 32 << 10)
    }
  }

  @Test func `a head dripped octet by octet takes linear time`() throws {
    let count = 1 << 20
    let limits = HeadLimits(maximumByteCount: 2 << 20)
    let octets = Array("GET / HTTP/1.1\r\na: \(String(repeating: "b", count: count))".utf8)
    let clock = ContinuousClock()
    let duration = try clock.measure {
      var parser = RequestHeadParser(limits: limits)
      for index in octets.indices {
        _ = try parser.parse(octets.span.extracting(index...index))
      }
    }
    // A scan from the start each time would look at 5 * 10^11 octets.
    #expect(duration < .seconds(20))
  }

  @Test func `obs-text in a value is kept`() throws {
    let octets = Array("GET / HTTP/1.1\r\na: ".utf8) + [0xff, 0xc3, 0xbc] + Array("\r\n\r\n".utf8)
    let head = try #require(try Self.request(octets)?.head)
    let value = try #require(head.fields.first)
    #expect(unsafe value.withUnsafeBytesOfValue { unsafe Array($0) } == [0xff, 0xc3, 0xbc])
  }

  @Test func `response heads are read`() throws {
    let head = try #require(
      try Self.response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"))
    #expect(head.status.code == 101)
    #expect(head.status.reasonPhrase == "Switching Protocols")
    #expect(head.fields[.upgrade] == "websocket")
    #expect(try Self.response("HTTP/1.1 200 \r\n\r\n")?.status.reasonPhrase == "")
    #expect(try Self.response("HTTP/1.0 404\r\n\r\n")?.version == .http10)
    #expect(try Self.response("HTTP/1.1 200 OK\r\n") == nil)
  }

  @Test(arguments: [
    "HTTP/1.1 \r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1 099 x\r\n",
    "HTTP/1.1 20x\r\n", "HTTP/1.1  200 OK\r\n", "http/1.1 200 OK\r\n", "HTTP/2.0 200 OK\r\n",
    "ICY 200 OK\r\n", "HTTP/1.1 200 O\u{0}K\r\n", "HTTP/1.1 200 OK\n", "\r\nHTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\nA : b\r\n", "HTTP/1.1 200 OK\r\n folded\r\n",
  ])
  func `what breaks the grammar of responses is refused`(text: String) {
    #expect(throws: HeadError.self) { try Self.response(text) }
  }

  @Test(arguments: 0..<300)
  func `noise in a head never traps`(seed: Int) {
    var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1
    var octets = Array(Self.example.utf8)
    for _ in 0..<3 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      octets[Int(state % UInt64(octets.count))] = UInt8(truncatingIfNeeded: state >> 32)
    }
    let whole = Self.error(of: octets)
    var parser = RequestHeadParser()
    var dripped: HeadError?
    do throws(HeadError) {
      for index in octets.indices
      where try parser.parse(octets.span.extracting(index...index)) != nil {
        break
      }
    } catch {
      dripped = error
    }
    #expect(dripped == whole)
  }
}
