import CaseLanguage
import Conformance
import HTTP
import Reports
import Testing
import WebSocketProtocol

@Suite("RFC 6455 §4 The opening handshake, played")
struct PlayerOpeningTests {
  let url: WebSocketURL
  /// What answers the key of the tests.
  let accept = HandshakeKey(octets: Array(0..<16)).acceptValue

  init() throws { url = try WebSocketURL("ws://peer.example/echo?a=b") }

  func answer(_ more: String = "") -> String {
    """
    HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: \(accept)\r\n\(more)\r\n
    """
  }

  func verdict(_ play: PlayerHarness) -> String {
    let strict = StrictVerdict(of: play.player.playedCase, facts: play.lose())
    return "\(strict.verdict.overall): \(strict.reason)"
  }

  // MARK: As client

  @Test func `the usual request goes out first, and the steps when it is answered`() throws {
    let play = PlayerHarness([.text("a")]).open(url: url, fields: [.userAgent: "test"])
    #expect(
      play.writtenText == """
        GET /echo?a=b HTTP/1.1\r\nHost: peer.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n\
        User-Agent: test\r\n\r\n
        """)
    #expect(play.player.state == .connecting)
    let octets = Array(answer().utf8)
    for octet in octets { play.receive(octets: [octet]) }
    #expect(play.facts.isOpened && play.player.state == .open)
    #expect(play.writes.count == 2 && play.writes[1].count == 7)
    #expect(play.player.responseHead == octets)
  }

  @Test func `what is added to requests is left out where a case is about it`() throws {
    let fields: HTTPFields = [.authorization: "Bearer x", .origin: "https://a.example"]
    func request(_ edits: [HeadScript.Edit], _ tests: [HeadTest] = []) -> String {
      let play = PlayerHarness(
        [.opening(HeadScript(.request, edits: edits))],
        expects: Expectation(reactions: [Reaction(opening: .accepted(tests))]))
      return play.open(url: url, fields: fields, subprotocols: ["chat", "more"]).writtenText
    }
    let usual = request([])
    #expect(usual.contains("Sec-WebSocket-Protocol: chat, more\r\n"))
    #expect(usual.contains("Authorization: Bearer x\r\nOrigin: https://a.example\r\n"))
    let own = request([.addition("origin", HeadValue(.text("null")))])
    #expect(own.contains("Authorization: Bearer x\r\norigin: null\r\n"))
    #expect(!own.contains("a.example"))
    let answered = request([], [HeadTest(.field("Sec-WebSocket-Protocol"), .absent)])
    #expect(!answered.contains("chat") && answered.contains("Bearer x"))
  }

  @Test func `a frame in the same read as the answer is a frame`() {
    let play = PlayerHarness(expects: .events(.message(.text, .text("hi")))).open(url: url)
    play.receive(octets: Array(answer().utf8) + Frame.text("hi").encoded)
    #expect(play.facts.events == [.message(.text, PlayedOctets(Array("hi".utf8)))])
  }

  @Test func `a scripted request goes out changed, and what follows is glued to it`() throws {
    let script = HeadScript(
      .request,
      edits: [
        .part(.method, HeadValue(.text("get"))), .part(.version, nil),
        .field("upgrade", HeadValue(.text("h2c"))), .field("Connection", nil),
        .addition("host", HeadValue([.usual(of: nil, isLowercased: false)])),
        .line(HeadValue([.octets(.text("X : ")), .usual(of: "Host", isLowercased: true)])),
      ], lineEnd: .text("\n"))
    let play = PlayerHarness([.opening(script), .octets(.text("more"), .together)])
      .open(url: url)
    #expect(
      play.writtenText == """
        get /echo?a=b\nHost: peer.example\nupgrade: h2c\n\
        Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\nSec-WebSocket-Version: 13\n\
        host: peer.example\nX : peer.example\n\nmore
        """)
    #expect(play.writes.count == 1)
  }

  @Test func `a bare, unfinished and chopped request is only what it says`() {
    let script = HeadScript(
      .request, edits: [.part(.target, HeadValue(.text("/"))), .field("A", HeadValue(.text("b")))],
      isBare: true, isUnfinished: true, delivery: .pieces(3))
    let play = PlayerHarness([.opening(script), .awaitOpen, .text("x")]).open(url: url)
    #expect(play.writes.isEmpty)
    play.releasePieces()
    #expect(play.writtenText == "/\r\nA: b\r\n")
    #expect(play.writes.map(\.count) == [3, 3, 3])
    play.wait(.seconds(6))
    #expect(play.facts.openingTimedOut && play.player.wish == .abort)
  }

  @Test func `steps behind "wait open" wait, and so do a Close and an exchange`() {
    for step in [
      Step.close(Step.Close(code: 1000)),
      .exchange(Step.Exchange(count: 1, kind: .text, content: .constant(.text("x")))),
    ] {
      let play = PlayerHarness([.opening(HeadScript(.request)), step]).open(url: url)
      #expect(play.writes.count == 1)
      play.receive(answer())
      #expect(play.writes.count == 2)
    }
  }

  @Test func `a case that only opens is closed by us at once`() {
    let play = PlayerHarness([.opening(HeadScript(.request))]).open(url: url)
    play.receive(answer())
    #expect(play.player.state == .closing && play.facts.localClose?.code == 1000)
    play.receive(.close(1000))
    #expect(verdict(play) == "pass: as required")
  }

  static let offering = HeadScript(
    .request,
    edits: [
      .field("Sec-WebSocket-Protocol", HeadValue(.text("chat, super"))),
      .field("Sec-WebSocket-Extensions", HeadValue(.text("permessage-deflate, x-unknown"))),
    ])

  @Test(arguments: [
    ("", nil), ("Sec-WebSocket-Protocol: super\r\n", nil),
    ("Sec-WebSocket-Protocol: other\r\n", "a subprotocol that was not offered"),
    ("Sec-WebSocket-Protocol: chat, super\r\n", "a subprotocol that was not offered"),
    ("Sec-WebSocket-Extensions: permessage-deflate\r\n", nil),
    ("Sec-WebSocket-Extensions: x-other\r\n", "extensions do not answer the offer"),
    ("Upgrade: websocket\r\n", "Upgrade field is not websocket"),
  ])
  func `the answer is held to what was sent`(more: String, complaint: String?) {
    let play = PlayerHarness([.opening(Self.offering)]).open(url: url)
    play.receive(answer(more))
    #expect(play.facts.isOpened == (complaint == nil))
    #expect((play.player.agreement != nil) == more.contains("deflate"))
    if let complaint { #expect(verdict(play).contains(complaint)) }
  }

  @Test func `an established case is played under an answer that fits no offer, and fails`() {
    for aliases in [[CaseAlias(suite: "autobahn", number: "13.2.1")], []] {
      let play = PlayerHarness(
        [.text("a")], expects: .events(.message(.text, .text("a"))),
        compression: CompressionPolicy(
          offers: ["permessage-deflate; server_no_context_takeover"], acceptance: []),
        aliases: aliases
      ).open(url: url)
      play.receive(answer("Sec-WebSocket-Extensions: permessage-deflate\r\n"))
      #expect(play.facts.isOpened == !aliases.isEmpty)
      play.receive(.text("a"))
      play.receive(.close(1000))
      #expect(verdict(play).contains("extensions do not answer the offer"))
      let established = EstablishedVerdict(of: play.player.playedCase, facts: play.facts)
      #expect(established.behaviour == (aliases.isEmpty ? .failed : .ok))
    }
  }

  static let refusing = CaseExpectation(reactions: [
    Reaction(opening: .refused([.code(400), .hundreds(5)], [HeadTest(.field("A"), .once)])),
    Reaction(grade: .acceptable, opening: .dropped),
  ])

  @Test(arguments: [
    ("HTTP/1.1 400 Bad\r\nA: 1\r\n\r\n", "pass: as required"),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 503 No\r\nA: 1\r\n\r\n", "pass: as required"),
    ("HTTP/1.1 400 Bad\r\n\r\nbody", "fail: A is missing"),
    ("HTTP/1.1 404 No\r\nA: 1\r\n\r\n", "fail: status 404 instead of 400 or 5xx"),
    ("", "acceptable: conforming, but not the strict reading"),
    ("HTTP/1.1 400", "fail: the server should have refused the opening handshake"),
    ("220 mail\r\n", "fail: the server should have refused the opening handshake"),
    ("101", "fail: the server should have refused the opening handshake: the connection was"),
  ])
  func `a refusal is recognised`(text: String, expected: String) {
    let play = PlayerHarness([.opening(HeadScript(.request))], expects: Self.refusing)
      .open(url: url)
    play.receive(text == "101" ? answer() : text)
    #expect(verdict(play).hasPrefix(expected), "\(text)")
  }

  @Test func `no answer in time is no drop`() {
    let play = PlayerHarness(
      [.opening(HeadScript(.request))],
      expects: CaseExpectation(reactions: [Reaction(opening: .dropped)]),
      deadline: Deadline(.seconds(2), .kill)
    ).open(url: url)
    play.wait(.seconds(3))
    #expect(play.player.wish == .abort)
    #expect(verdict(play).hasPrefix("fail: the server should have dropped TCP: no answer"))
  }

  // MARK: As server

  func request(_ change: (inout RequestHead) -> Void = { _ in }) -> RequestHead {
    var head = RequestHead(target: "/chat")
    head.fields = [
      .http1Host: "gauntlet", .upgrade: "websocket", .connection: "keep-alive, Upgrade",
      .secWebSocketKey: HandshakeKey(octets: Array(0..<16)).value, .secWebSocketVersion: "13",
    ]
    change(&head)
    return head
  }

  @Test(arguments: [(false, 15), (true, 9)])
  func `a client is bound by the answer, not by what it hinted at`(forgets: Bool, bits: Int) {
    let policy = CompressionPolicy(
      offers: [],
      acceptance: [
        .init(clientNoContextTakeover: forgets, clientMaxWindowBits: forgets ? bits : nil)
      ])
    let play = PlayerHarness([.text("a")], compression: policy, role: .server).open(
      answering: request {
        $0.fields[.secWebSocketExtensions] =
          "permessage-deflate; client_no_context_takeover; client_max_window_bits=10"
      })
    #expect(play.player.agreement?.clientNoContextTakeover == forgets)
    #expect(play.player.agreement?.clientMaxWindowBits == bits)
  }

  @Test func `the usual answer goes out at once, and the steps with it`() {
    let play = PlayerHarness([.text("a")], role: .server).open(answering: request())
    #expect(play.writtenText.hasPrefix(answer()))
    #expect(Array(play.written.suffix(3)) == [0x81, 1, 0x61])
    #expect(play.facts.isOpened)
    play.receive(octets: Frame(.text, [0x61], maskingKey: MaskingKey(1, 2, 3, 4)).encoded)
    #expect(play.facts.events.count == 1)
  }

  @Test(arguments: [
    ("permessage-deflate", "any", "permessage-deflate"),
    ("permessage-deflate; server_max_window_bits=9", "any", "server_max_window_bits=9"),
    ("permessage-deflate", "client_max_window_bits=9", nil),
    ("permessage-deflate; client_max_window_bits", "client_max_window_bits=9", "bits=9"),
    ("permessage-deflate; client_max_window_bits=10", "client_max_window_bits=15", "bits=10"),
    ("x-unknown, permessage-deflate; nonsense", "any", nil),
    ("permessage-deflate", "client_max_window_bits=9, client_no_context_takeover", "takeover"),
  ])
  func `offers are answered by the rules of the case`(
    offer: String, rules: String, expected: String?
  ) throws {
    let text = "section RFC 7692 §7\ncase a\n  why b\n  accept \(rules)\n  > ping\n"
    let item = try #require(CaseParser.parse(bytes: Array(text.utf8), path: "x").first)
    let play = PlayerHarness(item.steps, compression: item.compression, role: .server)
      .open(answering: request { $0.fields[.secWebSocketExtensions] = offer })
    #expect(play.facts.lacksCompression == (expected == nil))
    #expect(play.writtenText.contains("Sec-WebSocket-Extensions") == (expected != nil))
    if let expected { #expect(play.writtenText.contains(expected)) }
  }

  @Test func `an invalid request is refused, unless the case is about it`() {
    let invalid = request { $0.fields[.secWebSocketVersion] = "8" }
    let usual = PlayerHarness([.text("a")], role: .server).open(answering: invalid)
    #expect(usual.writtenText.hasPrefix("HTTP/1.1 426 ") && usual.player.wish == .close)
    #expect(verdict(usual).contains("Sec-WebSocket-Version is not 13"))
    for (tests, expected) in [
      ([], "fail: the request is not valid: Sec-WebSocket-Version is not 13"),
      ([HeadTest(.field("Connection"), .names("upgrade"))], "pass: as required"),
      ([HeadTest(.field("sec-websocket-key"), .key)], "pass: as required"),
      ([HeadTest(.part(.method), .names("GET"))], "pass: as required"),
      ([HeadTest(.field("Origin"), .absent)], "pass: as required"),
      (
        [HeadTest(.field("Sec-WebSocket-Version"), .names("13"))],
        "fail: Sec-WebSocket-Version does not name \"13\": \"8\""
      ),
    ] {
      let play = PlayerHarness(
        expects: CaseExpectation(reactions: [Reaction(opening: .requested(tests))]), role: .server
      ).open(answering: invalid)
      play.receive(octets: Self.maskedClose)
      #expect(verdict(play) == expected)
    }
  }

  static let maskedClose = Frame(
    .close, [0x03, 0xe8], maskingKey: MaskingKey(1, 2, 3, 4)
  ).encoded

  static let dropping = CaseExpectation(reactions: [Reaction(opening: .dropped)])

  @Test func `a client that should fail the connection drops TCP, perhaps after a Close`() {
    let script = HeadScript(
      .response, edits: [.field("Sec-WebSocket-Accept", HeadValue(.text("AAAA")))])
    func play() -> PlayerHarness {
      PlayerHarness([.opening(script), .text("a")], expects: Self.dropping, role: .server)
        .open(answering: request())
    }
    #expect(play().writtenText.contains("Sec-WebSocket-Accept: AAAA\r\n"))
    #expect(verdict(play()) == "pass: as required")
    let closing = play()
    closing.receive(octets: Self.maskedClose)
    #expect(verdict(closing) == "pass: as required")
    let echoing = play()
    echoing.receive(octets: Frame(.text, [0x61], maskingKey: MaskingKey(1, 2, 3, 4)).encoded)
    #expect(verdict(echoing).contains("and sent a text message of 1 octets"))
    let waiting = play()
    waiting.wait(.seconds(11))
    #expect(verdict(waiting).hasPrefix("fail: the client should have failed the connection"))
  }

  @Test func `after a refusal of ours a client may ask again, and do nothing else`() {
    func play() -> PlayerHarness {
      let script = HeadScript(
        .response, edits: [.part(.status, HeadValue(.text("401 Unauthorized")))])
      return PlayerHarness([.opening(script)], expects: Self.dropping, role: .server)
        .open(answering: request())
    }
    let asking = play()
    asking.receive("GET / HTTP/1.1\r\n")
    #expect(!asking.facts.isOpened && verdict(asking) == "pass: as required")
    let talking = play()
    talking.receive(octets: Self.maskedClose)
    #expect(verdict(talking).contains("octets after it was refused"))
    let waiting = play()
    waiting.wait(.seconds(11))
    #expect(verdict(waiting).contains("failed the connection, and did not"))
  }

  @Test func `a client that does not wait for the answer is told`() {
    let pause = Step.pause(Step.Pause(.seconds(1)))
    let play = PlayerHarness(
      [pause, .opening(HeadScript(.response))],
      expects: CaseExpectation(reactions: [Reaction(opening: .requested([]))]), role: .server
    ).open(answering: request())
    #expect(play.written.isEmpty)
    play.receive(octets: Self.maskedClose)
    play.wait(.seconds(1))
    #expect(play.facts.isOpened)
    #expect(verdict(play).contains("the client did not wait for the answer"))
  }
}
