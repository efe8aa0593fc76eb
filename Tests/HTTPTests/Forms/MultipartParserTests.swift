import HTTP
import Testing

@Suite("RFC 7578 multipart/form-data")
struct MultipartParserTests {
  private static let type = "multipart/form-data; boundary=\"x y\""
  private static let body = """
    preamble\r\n--x y\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n--x\r\n\
    --x y  \r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\
    Content-Type: text/plain\r\n\r\n\r\n--x y\r\n\r\ntwo\r\n--x y--\r\nepilogue
    """

  /// Each part as its first field and its content.
  private func parse(
    _ text: String, size: Int = .max, limits: MultipartParser.Limits = .init()
  ) throws(HeadError) -> (parts: [String], isComplete: Bool) {
    var parser = try MultipartParser(contentType: Self.type, limits: limits)
    let octets = Array(text.utf8)
    var events: [MultipartParser.Event] = []
    var start = 0
    while start < octets.count {
      let end = size == .max ? octets.count : min(octets.count, start + size)
      try parser.parse(Array(octets[start..<end]).span, into: &events)
      start = end
    }
    var parts: [String] = []
    for event in events {
      switch event {
      case .part(let fields): parts.append((fields[.contentDisposition] ?? "-") + "|")
      case .content(let octets): parts[parts.count - 1] += String(decoding: octets, as: UTF8.self)
      case .partEnd: parts[parts.count - 1] += "|"
      case .end: parts.append("end")
      }
    }
    return (parts, parser.isComplete)
  }

  @Test(arguments: [1, 2, 3, 5, 11, 1000])
  func `parts are found however the body is cut`(size: Int) throws {
    let (parts, isComplete) = try parse(Self.body, size: size)
    #expect(
      parts == [
        "form-data; name=\"a\"|one\r\n--x|", "form-data; name=\"f\"; filename=\"a.txt\"||",
        "-|two|", "end",
      ])
    #expect(isComplete)
  }

  @Test func `a truncated body is not complete`() throws {
    let end = try #require(Self.body.firstRange(of: "--x y--")).upperBound
    for length in 0..<Self.body[..<end].utf8.count - 1 {
      let text = String(decoding: Self.body.utf8.prefix(length), as: UTF8.self)
      #expect(try !parse(text).isComplete)
    }
  }

  @Test func `a sender has bounds`() {
    var limits = MultipartParser.Limits()
    limits.partCount = 2
    #expect(throws: HeadError.self) { try parse(Self.body, limits: limits) }
    limits = MultipartParser.Limits()
    limits.headByteCount = 20
    #expect(throws: HeadError.self) { try parse(Self.body, limits: limits) }
    limits = MultipartParser.Limits()
    limits.fieldCount = 1
    #expect(throws: HeadError.self) { try parse(Self.body, limits: limits) }
    #expect(throws: HeadError.self) { try parse("--x yZZ") }
    #expect(throws: HeadError.self) { try parse("--x y\r\nno colon\r\n\r\n") }
  }

  @Test(arguments: [
    ("text/plain", 415), ("multipart/form-data", 400), ("multipart/form-data; boundary=\"\"", 400),
    ("multipart/form-data; boundary=a; boundary=b", 415),
  ])
  func `a type without a good boundary is refused`(type: String, code: Int) {
    #expect {
      try MultipartParser(contentType: type)
    } throws: {
      ($0 as? HeadError)?.status.code == code
    }
  }

  @Test func `parameters are tokens or quoted`() throws {
    let value = try #require(FieldParameters("form-data; NAME=a; filename=\"x \\\"y\\\\z\""))
    #expect(value.value == "form-data")
    #expect(value["name"] == "a")
    #expect(value["filename"] == "x \"y\\z")
    #expect(value["other"] == nil)
    for text in ["a; b", "a; b=", "a; b=\"c", "a; b=c; B=d", "a; b=c d"] {
      #expect(FieldParameters(text) == nil, "\(text)")
    }
  }

  @Test func `cookies are found and set`() throws {
    let fields: HTTPFields = [.cookie: "a=1; session=x=y;b=2"]
    #expect(Cookies.value(of: "session", in: fields) == "x=y")
    #expect(Cookies.value(of: "a", in: fields) == "1")
    #expect(Cookies.value(of: "c", in: fields) == nil)
    var cookie = try #require(SetCookie("a", "b.c"))
    cookie.maxAge = 5
    cookie.isSecure = true
    #expect(cookie.description == "a=b.c; Path=/; Max-Age=5; HttpOnly; Secure; SameSite=Lax")
    #expect(SetCookie("a", "b;c") == nil)
    #expect(SetCookie("a b", "c") == nil)
  }
}
