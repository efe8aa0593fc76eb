import HTTP
import Testing
import WebSocketProtocol

@Suite("RFC 6455 §4.2 The server's handshake, in portions")
struct ServerHandshakeTests {
  @Test func `cut anywhere the request is the same and glued frames stay`() throws {
    let frame: [UInt8] = [0x89, 0x80, 1, 2, 3, 4]
    let octets = HandshakeRequestTests.octets()
    let whole = try #require(HandshakeRequestTests.request(octets))
    let glued = octets + frame
    for split in 0...glued.count {
      var handshake = ServerHandshake()
      #expect(handshake.isEmpty)
      var leftover: [UInt8] = []
      var request: HandshakeRequest?
      for part in [0..<split, split..<glued.count] {
        guard request == nil else {
          leftover += glued[part]
          continue
        }
        switch handshake.receive(glued.span.extracting(part)) {
        case .needsMore: break
        case .upgrade(let result, let byteCount):
          request = result
          leftover += glued[part].dropFirst(byteCount)
        case .ordinary, .refused: Issue.record("split at \(split)")
        }
      }
      #expect(request == whole)
      #expect(leftover == frame)
    }
  }

  @Test func `a request that does not speak of WebSocket is an ordinary one`() {
    let octets = Array("POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b".utf8)
    guard case .ordinary(let head, let byteCount) = HandshakeRequestTests.outcome(octets) else {
      Issue.record("not ordinary")
      return
    }
    #expect(head.method == .post)
    #expect(head.target == "/form")
    #expect(octets.dropFirst(byteCount) == [0x61, 0x3d, 0x62])
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", true),
    ("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", false),
    ("GET / HTTP/1.1\r\nSec-WebSocket-Key: x\r\n\r\n", false),
  ])
  func `who tries and fails is refused`(text: String, isOrdinary: Bool) {
    switch HandshakeRequestTests.outcome(Array(text.utf8)) {
    case .ordinary: #expect(isOrdinary)
    case .refused(_, let head): #expect(!isOrdinary && head != nil)
    default: Issue.record("neither")
    }
  }

  @Test func `an unreadable head is refused with its status`() {
    for (text, status) in [("GET / HTTP/1.1\nHost: a\n\n", 400), ("PRI * HTTP/2.0\r\n\r\n", 505)] {
      guard case .refused(let refusal, nil) = HandshakeRequestTests.outcome(Array(text.utf8)) else {
        Issue.record("not refused")
        continue
      }
      #expect(refusal.status.code == status)
    }
  }

  @Test func `two thousand fields before the ones that count are refused`() {
    let filler = (0..<2000).map { "X-\($0): 1" }
    let refusal = HandshakeRequestTests.refusal(
      HandshakeRequestTests.octets(replacing: ["Host": filler + ["Host: a"]]))
    #expect(refusal?.status.code == 431)
  }

  @Test func `a waiting handshake is small`() {
    #expect(MemoryLayout<ServerHandshake>.size <= 160)
  }
}
