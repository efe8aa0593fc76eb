import HTTP
import WebSocketProtocol

@testable import FaultyTwins

/// A short exchange with a twin, without sockets: what the peer sends, and all that came of it.
struct Probe {
  /// Changes of the peer's head: a text and what stands in its place.
  var head: [(String, String)] = []
  /// What follows the head in the same read.
  var glued: [Frame] = []
  /// What follows in reads of their own.
  var frames: [Frame] = []
  var offer: String?
  /// The peer sends its head.
  var speaks = true
  /// The peer ends TCP without a Close.
  var ends = false

  /// All that can be seen of a twin from outside.
  struct Transcript: Equatable {
    var output: [[UInt8]] = []
    var wishes: [Twin.Wish] = []
    var answersAfter: Duration?
  }

  func play(_ fault: Fault?, _ side: Role) -> Transcript {
    let now = ContinuousClock.now
    // Each key is the same, so that runs can be compared.
    let keys = MaskingKeySource { words in for index in words.indices { words[index] = 77 } }
    var transcript = Transcript()
    var twin: Twin
    switch side {
    case .server: twin = Twin(server: fault, keys: keys, at: now)
    case .client:
      guard let url = try? WebSocketURL("ws://localhost/") else { return transcript }
      let key = HandshakeKey(octets: Array(repeating: 7, count: 16))
      twin = Twin(client: fault, url: url, key: key, keys: keys, at: now)
    }
    transcript.answersAfter = twin.answersAfter
    func note() {
      transcript.output.append(twin.takeOutput())
      transcript.wishes.append(twin.wish)
    }
    note()
    if speaks {
      twin.receive(peerHead(side) + octets(of: glued, to: side), at: now)
      note()
    }
    for frame in frames {
      twin.receive(octets(of: [frame], to: side), at: now)
      note()
    }
    if ends {
      twin.receiveEndOfStream(at: now)
      note()
    }
    twin.advance(to: now + .seconds(20))
    note()
    return transcript
  }

  private func octets(of frames: [Frame], to side: Role) -> [UInt8] {
    var octets: [UInt8] = []
    for var frame in frames {
      if side == .client, frame.header.maskingKey == Self.key { frame.header.maskingKey = nil }
      frame.encode(to: &octets)
    }
    return octets
  }

  private func peerHead(_ side: Role) -> [UInt8] {
    let extensions = offer.map { "Sec-WebSocket-Extensions: \($0)\r\n" } ?? ""
    let key = HandshakeKey(octets: Array(repeating: 7, count: 16))
    var text =
      side == .server
      ? """
      GET / HTTP/1.1\r
      Host: localhost\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub2+jZQ==\r
      Sec-WebSocket-Version: 13\r
      \(extensions)\r

      """
      : """
      HTTP/1.1 101 Switching Protocols\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Accept: \(key.acceptValue)\r
      \(extensions)\r

      """
    for (old, new) in head {
      text = text.replacing(old, with: new, maxReplacements: 1)
    }
    return Array(text.utf8)
  }

  /// What a client masks with here; frames to a client go out without.
  static let key = MaskingKey(0x11, 0x22, 0x33, 0x44)

  static func text(_ text: String, isFinal: Bool = true) -> Frame {
    Frame(.text, Array(text.utf8), isFinal: isFinal, maskingKey: key)
  }

  static func frame(
    _ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true, rsv: UInt8 = 0,
    length: FrameHeader.LengthEncoding = .minimal
  ) -> Frame {
    Frame(
      opcode, payload, isFinal: isFinal, rsv: rsv, maskingKey: key, lengthEncoding: length)
  }

  static func close(_ code: CloseCode?, _ reason: [UInt8] = []) -> Frame {
    .close(code, reason: reason, maskingKey: key)
  }
}
