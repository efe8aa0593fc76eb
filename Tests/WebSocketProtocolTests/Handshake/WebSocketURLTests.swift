import Testing
import WebSocketProtocol

@Suite("RFC 6455 §3 WebSocket URIs")
struct WebSocketURLTests {
  @Test(arguments: [
    ("ws://example.com", false, "example.com", 80, "/", "example.com"),
    ("ws://example.com/", false, "example.com", 80, "/", "example.com"),
    ("WSS://Example.com", true, "Example.com", 443, "/", "Example.com"),
    ("ws://example.com:80/a", false, "example.com", 80, "/a", "example.com"),
    ("ws://example.com:443/a", false, "example.com", 443, "/a", "example.com:443"),
    ("ws://example.com:/a", false, "example.com", 80, "/a", "example.com"),
    ("wss://127.0.0.1:9001/a?b=c/d", true, "127.0.0.1", 9001, "/a?b=c/d", "127.0.0.1:9001"),
    ("ws://h?q", false, "h", 80, "/?q", "h"),
    ("ws://[::1]:9001/x:y", false, "::1", 9001, "/x:y", "[::1]:9001"),
    ("ws://[fe80::1%25lo]", false, "fe80::1%25lo", 80, "/", "[fe80::1%25lo]"),
    ("wss://[::ffff:1.2.3.4]/", true, "::ffff:1.2.3.4", 443, "/", "[::ffff:1.2.3.4]"),
    ("ws://h//p", false, "h", 80, "//p", "h"),
    ("ws://h/%20%23|", false, "h", 80, "/%20%23|", "h"),
  ])
  func `valid URLs are read`(
    text: String, isSecure: Bool, host: String, port: Int, resource: String, authority: String
  ) throws {
    let url = try WebSocketURL(text)
    #expect(url.isSecure == isSecure)
    #expect(url.host == host)
    #expect(url.port == port)
    #expect(url.resourceName == resource)
    #expect(url.authority == authority)
    #expect(url.socketPath == nil)
    #expect(try WebSocketURL(url.description) == url)
  }

  @Test(arguments: [
    ("ws+unix:/run/a.sock", false, "/run/a.sock", "/"),
    ("ws+unix:///run/a.sock", false, "/run/a.sock", "/"),
    ("ws+unix:/run/a.sock:/chat?x=1:2", false, "/run/a.sock", "/chat?x=1:2"),
    ("wss+unix:/run/a.sock:", true, "/run/a.sock", "/"),
    ("ws+unix:/run/a.sock:?q", false, "/run/a.sock", "/?q"),
  ])
  func `sockets in the file system are read`(
    text: String, isSecure: Bool, path: String, resource: String
  ) throws {
    let url = try WebSocketURL(text)
    #expect(url.isSecure == isSecure)
    #expect(url.socketPath == path)
    #expect(url.resourceName == resource)
    #expect(url.authority == "localhost")
    #expect(try WebSocketURL(url.description) == url)
  }

  @Test(arguments: [
    ("", "no scheme"), ("localhost", "no scheme"), ("ftp://a", "not ws or wss"),
    ("localhost:9001", "not ws or wss"), ("http://a/", "write ws:"), ("https://a/", "write wss:"),
    ("ws:", "//host"), ("ws:/a", "//host"), ("ws://", "host is missing"),
    ("ws:///a", "host is missing"), ("ws://:80/", "host is missing"),
    ("ws://a/#b", "fragment"), ("ws://a/#", "fragment"), ("ws://a b/", "percent-encode"),
    ("ws://a/ü", "percent-encode"), ("ws://a/\r\nX: y", "percent-encode"),
    ("ws://user@a/", "user name"), ("ws://user:secret@a/", "user name"),
    ("ws://a:0/", "1 to 65535"), ("ws://a:65536/", "1 to 65535"), ("ws://a:x/", "not a number"),
    ("ws://a:+80/", "not a number"), ("ws://a:-1/", "not a number"),
    ("ws://::1/", "in brackets"), ("ws://[::1/", "not closed"), ("ws://[]/", "no IPv6 address"),
    ("ws://[a]/", "no IPv6 address"), ("ws://[::1]x/", "follows the host"),
    ("ws://a\\b/", "invalid character"), ("ws://a\"/", "invalid character"),
    ("ws+unix:", "absolute path"), ("ws+unix:a.sock", "absolute path"),
    ("ws+unix:/", "absolute path"), ("ws+unix:/a.sock:b", "begin with /"),
  ])
  func `invalid URLs say what to write`(text: String, reason: String) throws {
    let error = try #require(throws: WebSocketURLError.self) { try WebSocketURL(text) }
    #expect(error.reason.contains(reason), "\(error)")
    #expect(!error.description.contains("\n"))
  }
}
