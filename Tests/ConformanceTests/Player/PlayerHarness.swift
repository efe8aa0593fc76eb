import CaseLanguage
import Conformance
import HTTP
import WebSocketProtocol

/// A player with a clock of its own, and with the test as its peer.
final class PlayerHarness {
  let player: Player
  private(set) var now = ContinuousClock.now
  /// What each write carried.
  private(set) var writes: [[UInt8]] = []

  /// A player that has not started.
  init(
    _ steps: [Step] = [], expects expectation: Expectation = Expectation(),
    deadline: Deadline? = nil, compression: CompressionPolicy? = nil, role: Role = .client,
    settings: PlayerSettings = PlayerSettings(), streams: CompressedStreamCache? = nil,
    aliases: [CaseAlias] = []
  ) {
    let item = Case(
      id: "test", aliases: aliases, citation: Citation(document: "RFC 6455", section: "5"),
      compression: compression, steps: steps, deadline: deadline, expectation: expectation)
    player = Self.player(item, role, settings, streams)
  }

  /// A player of a case that was read, as client.
  init(_ item: Case) {
    player = Self.player(item, .client, PlayerSettings(), nil)
  }

  private static func player(
    _ item: Case, _ role: Role, _ settings: PlayerSettings, _ streams: CompressedStreamCache?
  ) -> Player {
    Player(
      item, role: role, settings: settings,
      keys: MaskingKeySource { words in for index in words.indices { words[index] = 0x0403_0201 } },
      streams: streams)
  }

  var facts: CaseFacts { player.facts }

  /// All octets that were written.
  var written: [UInt8] { writes.flatMap { $0 } }

  /// The frames that were written, unmasked.
  var sent: [Frame] {
    var frames: [Frame] = []
    var rest = written[...]
    while let (header, byteCount) = FrameHeader.decode(Array(rest).span) {
      let start = rest.startIndex + byteCount
      let end = start + Int(header.payloadLength)
      guard end <= rest.endIndex else { break }
      let payload = rest[start..<end].enumerated().map { index, octet in
        header.maskingKey.map { octet ^ $0[index] } ?? octet
      }
      frames.append(Frame(header: header, payload: payload))
      rest = rest[end...]
    }
    return frames
  }

  /// As client: TCP is up.
  @discardableResult
  func open(
    url: WebSocketURL, fields: HTTPFields = HTTPFields(), subprotocols: [String] = []
  ) -> Self {
    let key = HandshakeKey(octets: Array(0..<16))
    var opening = ClientOpening(url: url, key: key, fields: fields)
    opening.subprotocols = subprotocols
    player.open(opening, at: now)
    write()
    return self
  }

  /// As server: a request has arrived.
  @discardableResult
  func open(answering request: RequestHead) -> Self {
    player.open(answering: request, at: now)
    write()
    return self
  }

  /// What has been written, as text.
  var writtenText: String { String(decoding: written, as: UTF8.self) }

  /// The peer sends text.
  func receive(_ text: String) { receive(octets: Array(text.utf8)) }

  @discardableResult
  func start(compression: PerMessageDeflate.Agreement? = nil) -> Self {
    player.start(at: now, compression: compression)
    write()
    return self
  }

  /// The peer sends frames.
  func receive(_ frames: Frame...) {
    receive(octets: frames.flatMap(\.encoded))
  }

  /// The peer sends octets.
  func receive(octets: [UInt8]) {
    var octets = octets
    var span = octets.mutableSpan
    player.receive(&span, at: now)
    write()
  }

  /// Time passes, timer by timer.
  func wait(_ duration: Duration) {
    let end = now + duration
    while let deadline = player.nextDeadline, deadline <= end {
      now = max(now, deadline)
      player.advance(to: now)
      write()
    }
    now = end
    player.advance(to: now)
    write()
  }

  /// Turns of the loop, one piece each, until none waits.
  func releasePieces() {
    while player.hasPieces {
      player.releasePiece(at: now)
      write()
    }
  }

  /// TCP is gone.
  func lose() -> CaseFacts {
    player.connectionLost("the peer closed TCP", at: now)
    return player.facts
  }

  private func write() {
    player.writeOutput { span in
      writes.append((0..<span.count).map { span[$0] })
    }
  }
}

/// The expectation of a case: `Testing` has a type of that name too.
typealias CaseExpectation = Expectation

extension Expectation {
  /// One reaction: these events, then we close.
  static func events(_ kinds: ExpectedEvent.Kind...) -> Expectation {
    Expectation(reactions: [Reaction(events: kinds.map { ExpectedEvent($0) })])
  }

  /// Nothing arrives, and the peer fails the connection.
  static let failure = Expectation(
    reactions: [
      Reaction(ending: Ending(initiator: .peer, codes: [1002], isCleanRequired: false))
    ])
}

extension Step {
  static func text(_ text: String, delivery: Delivery = .together) -> Step {
    .frame(Frame(opcode: .text, payload: .text(text), delivery: delivery))
  }
}

extension Frame {
  static func text(_ text: String) -> Frame { Frame(.text, Array(text.utf8)) }
}
