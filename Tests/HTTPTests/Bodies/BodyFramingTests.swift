import HTTP
import Testing

@Suite("RFC 9112 §6.3 Message body length")
struct BodyFramingTests {
  private func head(_ lines: [String], version: HTTPVersion = .http11) -> RequestHead {
    var fields = HTTPFields()
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard let name = HTTPField.Name(String(parts[0])) else { continue }
      fields.append(HTTPField(name: name, value: String(parts[1].drop { $0 == " " })))
    }
    return RequestHead(method: .post, target: "/", version: version, fields: fields)
  }

  @Test(arguments: [
    ([], BodyFraming.none), (["Content-Length: 0"], .none), (["Content-Length: 12"], .length(12)),
    (["Transfer-Encoding: chunked"], .chunked), (["Transfer-Encoding: Chunked"], .chunked),
  ])
  func `the fields say how the body ends`(lines: [String], framing: BodyFraming) throws {
    #expect(try BodyFraming(of: head(lines)) == framing)
  }

  @Test(arguments: [
    (["Content-Length: 1", "Content-Length: 1"], 400), (["Content-Length: 1, 1"], 400),
    (["Content-Length: +1"], 400), (["Content-Length: -1"], 400), (["Content-Length: 0x1"], 400),
    (["Content-Length: "], 400), (["Content-Length: 9999999999999999999"], 400),
    (["Content-Length: 3", "Transfer-Encoding: chunked"], 400),
    (["Transfer-Encoding: gzip"], 400), (["Transfer-Encoding: chunked, gzip"], 400),
    (["Transfer-Encoding: chunked, chunked"], 400), (["Transfer-Encoding: gzip, chunked"], 501),
  ])
  func `what two servers could read differently is refused`(lines: [String], code: Int) {
    #expect {
      try BodyFraming(of: head(lines))
    } throws: {
      ($0 as? HeadError)?.status.code == code
    }
  }

  @Test func `a transfer coding in HTTP/1.0 is refused`() {
    #expect(throws: HeadError.self) {
      try BodyFraming(of: head(["Transfer-Encoding: chunked"], version: .http10))
    }
  }

  @Test func `a response may end with the connection`() throws {
    let plain = ResponseHead(status: .ok)
    #expect(try BodyFraming(of: plain, to: .get) == .untilClose)
    #expect(try BodyFraming(of: plain, to: .head) == .none)
    #expect(try BodyFraming(of: ResponseHead(status: .noContent), to: .get) == .none)
    let length = ResponseHead(status: .ok, fields: [.contentLength: "0"])
    #expect(try BodyFraming(of: length, to: .get) == .length(0))
  }
}
