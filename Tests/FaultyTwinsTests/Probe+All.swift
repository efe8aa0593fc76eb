import HTTP
import WebSocketProtocol

@testable import FaultyTwins

extension Probe {
  /// Exchanges among which each fault shows in at least one.
  static let all: [Probe] =
    heads + framing + fragments + texts + controls + closes + compressed + limits

  private static let heads: [Probe] = [
    Probe(frames: [text("hello"), text(""), text("a\0b\r\n"), frame(.ping, [1])]),
    Probe(glued: [text("hello")]),
    Probe(head: [("GET", "POST")]),
    Probe(head: [("HTTP/1.1", "HTTP/1.0")]),
    Probe(head: [("Upgrade: websocket\r\n", "")]),
    Probe(head: [("Upgrade: websocket", "Upgrade: websockets")]),
    Probe(head: [("Upgrade: websocket", "Upgrade: WebSocket")]),
    Probe(head: [("Connection: Upgrade\r\n", "")]),
    Probe(head: [("Connection: Upgrade", "Connection: NoUpgrade")]),
    Probe(head: [("Connection: Upgrade", "Connection: keep-alive, Upgrade")]),
    Probe(head: [("Connection: Upgrade", "Connection: upgrade")]),
    Probe(head: [("Version: 13", "Version: 12")]),
    Probe(head: [("Version: 13", "Version: 13a")]),
    Probe(head: [("Version: 13", "Version: 013")]),
    Probe(head: [("Sec-WebSocket-Version: 13\r\n", "")]),
    Probe(head: [("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub2+jZQ==\r\n", "")]),
    Probe(head: [("dGhlIHNhbXBsZSBub2+jZQ==", "AAAA")]),
    Probe(head: [("Upgrade: w", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUpgrade: w")]),
    Probe(head: [("Upgrade: w", "Sec-WebSocket-Version: 13\r\nUpgrade: w")]),
    Probe(head: [("Upgrade: w", "Origin: http://a\r\nOrigin: http://b\r\nUpgrade: w")]),
    Probe(head: [("Host: localhost\r\n", "")]),
    Probe(head: [("Host: localhost", "Host: a\r\nHost: b")]),
    Probe(head: [("Host: localhost", "Host: a b")]),
    Probe(head: [("Upgrade", "upgrade")]),
    Probe(head: [("Host", "X-Some: thing\r\nHost")]),
    Probe(head: [("Host", String(repeating: "Some: thing\r\n", count: 40) + "Host")]),
    Probe(head: [("GET /", "GET http://localhost/")]),
    Probe(head: [("Host:", "Host :")]),
    Probe(head: [("Host", "Some: a\r\n Some: b\r\nHost")]),
    Probe(head: [("Host", "Some: a\rHost")]),
    Probe(head: [("Host: localhost", "Host: local\0host")]),
    Probe(head: [("Host", "nonsense\r\nHost")]),
    Probe(head: [("Host", "Content-Length: x\r\nHost")]),
    Probe(head: [("Host", "Sec-WebSocket-Protocol: Chat, Talk\r\nHost")]),
    Probe(head: [("Host", String(repeating: "Some: thing\r\n", count: 2000) + "Host")]),
    Probe(head: [("101 Switching Protocols", "200 OK")]),
    Probe(head: [("HTTP/1.1 101", "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101")]),
    Probe(head: [("Accept: ", "Accept: A")]),
    Probe(head: [("Sec-WebSocket-Accept: ", "Some: ")]),
    Probe(head: [("Accept: \(acceptValue)", "Accept: \(acceptValue.lowercased())")]),
    Probe(head: [("Upgrade: w", "Sec-WebSocket-Protocol: chat\r\nUpgrade: w")]),
    Probe(offer: "unknown"), Probe(speaks: false),
    Probe(head: [("Version: 13", "Version: 12")], frames: [text("through")]),
  ]

  private static let acceptValue =
    HandshakeKey(octets: Array(repeating: 7, count: 16)).acceptValue

  private static let framing: [Probe] = [
    Probe(frames: [Frame(.text, [65])]),
    Probe(frames: [Frame(.ping, [65])]),
    Probe(frames: [Frame(.text, [65], maskingKey: MaskingKey(9, 9, 9, 9))]),
    Probe(frames: [Frame(.text, [65], maskingKey: .zero)]),
    Probe(frames: [frame(.text, [65], rsv: 4)]), Probe(frames: [frame(.text, [65], rsv: 2)]),
    Probe(frames: [frame(.text, [65], rsv: 1)]), Probe(frames: [frame(.ping, [65], rsv: 1)]),
    Probe(frames: [frame(Opcode(rawValue: 3), [65])]),
    Probe(frames: [frame(Opcode(rawValue: 11), [65])]),
    Probe(frames: [frame(.text, [65], length: .sixteenBit)]),
    Probe(frames: [frame(.text, [65], length: .sixtyFourBit)]),
    Probe(frames: [
      Frame(
        header: FrameHeader(opcode: .text, maskingKey: key, payloadLength: 1 << 63 | 1),
        payload: [65])
    ]),
    Probe(frames: [frame(.binary, Array(repeating: 1, count: 0x9000))]),
    Probe(frames: [frame(.binary, Array(repeating: 1, count: 65_537))]),
    Probe(frames: [frame(.binary, Array(repeating: 1, count: 126))]),
    Probe(frames: [frame(.binary, [1])]), Probe(frames: [frame(.binary, [1, 2, 0xff])]),
    Probe(frames: [
      text("one ", isFinal: false),
      Frame(.continuation, Array("two".utf8), maskingKey: MaskingKey(5, 6, 7, 8)),
    ]),
  ]

  private static let fragments: [Probe] = [
    Probe(frames: [frame(.continuation, [65]), text("hello")]),
    Probe(frames: [text("one", isFinal: false), text("two"), frame(.continuation, [65])]),
    Probe(frames: [text("one", isFinal: false), frame(.continuation, [65])]),
    Probe(frames: [text("one", isFinal: false), frame(.ping, [66]), frame(.continuation, [65])]),
    Probe(frames: [text("one", isFinal: false), frame(.continuation)]),
    Probe(
      frames: [text("", isFinal: false)]
        + Array(repeating: frame(.continuation, [65], isFinal: false), count: 12)
        + [frame(.continuation)]),
    Probe(frames: [frame(.ping, [65, 66], isFinal: false)]),
    Probe(frames: [frame(.ping, [65, 66])]),
  ]

  private static let texts: [Probe] =
    [
      [0xff], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80],
      [0xf8, 0x88, 0x80, 0x80, 0x80], [65, 0xe2, 0x82], [0x80], [0xfe], [0xef, 0xbf, 0xbf],
      [0xf0, 0x9f, 0x98, 0x80], [0xef, 0xbb, 0xbf, 65],
    ].map { Probe(frames: [frame(.text, $0)]) } + [
      Probe(frames: [frame(.text, [0xe2], isFinal: false), frame(.continuation, [0x82, 0xac])]),
      Probe(frames: [frame(.text, [65], isFinal: false), frame(.continuation, [0xff])]),
    ]

  private static let controls: [Probe] = [
    Probe(frames: [frame(.ping)]), Probe(frames: [frame(.ping, [0xff])]),
    Probe(frames: [frame(.ping, Array(repeating: 65, count: 125))]),
    Probe(frames: [frame(.ping, [65]), frame(.ping, [66]), frame(.ping, [67])]),
    Probe(frames: [frame(.pong, [65])]),
    Probe(frames: [frame(.ping, Array(repeating: 65, count: 126))]),
    Probe(frames: [frame(.pong, Array(repeating: 65, count: 126))]),
    Probe(frames: [close(1000, Array(repeating: 65, count: 124))]),
    Probe(frames: [
      Frame(header: FrameHeader(opcode: .ping, maskingKey: key, payloadLength: 126), payload: [])
    ]),
  ]

  private static let closes: [Probe] =
    [1000, 1005, 1004, 999, 1016, 1012, 3000, 4000].map { Probe(frames: [close($0)]) } + [
      Probe(frames: [close(nil)]), Probe(frames: [frame(.close, [3])]),
      Probe(frames: [close(1000, [0xff])]), Probe(frames: [close(1000, [65])]),
      Probe(frames: [close(1000), text("late"), frame(.ping, [65])]), Probe(ends: true),
    ]

  private static let hello: [UInt8] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]

  private static let compressed: [Probe] =
    [
      "permessage-deflate; unknown", "permessage-deflate; server_max_window_bits=7",
      "permessage-deflate; server_max_window_bits=010",
      "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
      "permessage-deflate; server_no_context_takeover=1",
      "permessage-deflate; unknown, permessage-deflate", "permessage-deflate-x",
      "permessage-deflate; server_no_context_takeover",
      "permessage-deflate; server_max_window_bits=9", "permessage-deflate; client_max_window_bits",
    ].map { offer in
      Probe(
        frames: Array(repeating: frame(.binary, distant), count: 2), offer: offer)
    }
    + [
      [frame(.text, hello, rsv: 4), frame(.text, [0xf2, 0, 0x11, 0, 0], rsv: 4)],
      [
        frame(.text, [0xf2, 0x48, 0xcd], isFinal: false, rsv: 4),
        frame(.continuation, [0xc9, 0xc9, 0x07, 0x00], rsv: 4),
      ],
      [frame(.ping, [65], rsv: 4)], [frame(.ping, [65])], [frame(.text, [65])],
      [frame(.text, [65]), frame(.text, hello, rsv: 4)],
      [frame(.text, [0, 5, 0, 0xfa, 0xff] + Array("Hello".utf8) + [0], rsv: 4)],
      [frame(.text, [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00], rsv: 4)],
      [frame(.text, [0], rsv: 4)], [frame(.text, [6, 0], rsv: 4), frame(.text, hello, rsv: 4)],
      [frame(.text, [0, 1, 0, 0xfe, 0xff, 0xff, 0], rsv: 4)],
      [frame(.binary, deflated(distant), rsv: 4)],
    ].map { Probe(frames: $0, offer: "permessage-deflate") }

  /// Octets that repeat from far away.
  private static let distant: [UInt8] = {
    let octets = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 &+ $0 >> 3) }
    return octets + octets
  }()

  private static func deflated(_ octets: [UInt8]) -> [UInt8] {
    var compressor = MessageCompressor(agreement: .init(), role: .client)
    var output: [UInt8] = []
    compressor.compress(octets.span, to: &output)
    return output
  }

  private static let limits: [Probe] = [
    Probe(frames: [
      frame(.binary, Array(repeating: 0, count: 9 << 20), isFinal: false),
      frame(.continuation, Array(repeating: 0, count: 9 << 20)),
    ]),
    Probe(
      frames: [frame(.binary, deflated(Array(repeating: 0, count: 17 << 20)), rsv: 4)],
      offer: "permessage-deflate"),
  ]
}
