import HTTP
import Testing

@Suite("RFC 9112 §3.2 Request target")
struct RequestTargetTests {
  @Test func `a target is taken apart`() throws {
    let plain = try #require(RequestTarget("/a/b%20c?x=1&y=a+b%2F&bad=%zz"))
    #expect(plain.path == "/a/b%20c")
    #expect(plain.segments == ["a", "b c"])
    #expect(plain.query == "x=1&y=a+b%2F&bad=%zz")
    #expect(plain.queryValue("y") == "a b/")
    #expect(plain.queryItems.count == 2)
    let absolute = try #require(RequestTarget("HTTP://host:1?q"))
    #expect(absolute.authority == "host:1")
    #expect(absolute.path == "/")
    #expect(absolute.query == "q")
    #expect(RequestTarget("*")?.path == "*")
    #expect(RequestTarget("/")?.segments == [""])
    #expect(RequestTarget("/a/")?.segments == ["a", ""])
    #expect(RequestTarget("host:443") == nil)
    #expect(RequestTarget("http:///x") == nil)
  }

  @Test(arguments: [
    "/..", "/a/../b", "/%2e%2e/x", "/.%2E", "/a/./b", "/a%2fb", "/a%5cb", "/a\\b", "/%00", "/%zz",
    "/%f", "/%ff", "//a", "/a//b",
  ])
  func `a path that leads elsewhere names nothing`(target: String) {
    #expect(RequestTarget(target)?.segments == nil)
  }

  @Test func `text is percent-encoded and decoded`() {
    #expect(PercentEncoding.encode("a b/ä~") == "a%20b%2F%C3%A4~")
    #expect(PercentEncoding.decode("a%20b%2F%C3%A4~") == "a b/ä~")
    #expect(PercentEncoding.decode("+") == "+")
    #expect(PercentEncoding.decode("+", isForm: true) == " ")
  }
}
