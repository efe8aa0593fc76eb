import CaseLanguage
import HTTP
import Reports
import Testing
import WebSocketProtocol

@testable import Conformance

@Suite("Checks beside the reactions")
struct PeerChecksTests {
  fileprivate static let drawn: [MaskingKey] = {
    var word: UInt64 = 0x9e37_79b9_7f4a_7c15
    return (0..<300).map { _ in
      word ^= word << 13
      word ^= word >> 7
      word ^= word << 17
      return MaskingKey(
        UInt8(truncatingIfNeeded: word >> 40), UInt8(truncatingIfNeeded: word >> 32),
        UInt8(truncatingIfNeeded: word >> 24), UInt8(truncatingIfNeeded: word >> 16))
    }
  }()

  @Test func `keys that are drawn by lot are as they should be`() {
    #expect(MaskingKeyReview.complaint(Self.drawn) == nil)
    // One pair may be chance.
    #expect(MaskingKeyReview.complaint(Self.drawn + [Self.drawn[7]]) == nil)
  }

  /// Ways to draw keys badly.
  enum Weakness: CaseIterable {
    case zero, constant, counted, doubled, partial

    var complaint: String {
      switch self {
      case .zero: "every masking key is 00000000"
      case .constant: "the same masking key, 01020304"
      case .counted: "counted up, in steps of 00000001"
      case .doubled: "150 of 300 masking keys were used before"
      case .partial: "bit 0 of the masking keys is 1 in 0"
      }
    }

    func key(_ number: Int) -> MaskingKey {
      let drawn = PeerChecksTests.drawn[number]
      return switch self {
      case .zero: .zero
      case .constant: MaskingKey(1, 2, 3, 4)
      case .counted: MaskingKey(0, 0, UInt8(number >> 8), UInt8(number & 0xff))
      case .doubled: PeerChecksTests.drawn[number / 2]
      case .partial: MaskingKey(0, drawn[1], drawn[2], drawn[3])
      }
    }
  }

  @Test(arguments: Weakness.allCases)
  func `keys that can be guessed are found out`(weakness: Weakness) {
    let found = MaskingKeyReview.complaint((0..<300).map(weakness.key))
    #expect(found?.contains(weakness.complaint) == true, "\(found ?? "nothing")")
  }

  @Test func `few keys say nothing`() {
    #expect(MaskingKeyReview.complaint([.zero])?.contains("too few") == true)
  }

  @Test func `a reason with NUL octets was written by nobody`() {
    var facts = CaseFacts(role: .client)
    facts.isOpened = true
    facts.remoteClose = PlayedClose(code: 1000, reason: Array("bye".utf8))
    #expect(PeerChecks.writtenReason.complaint(facts) == nil)
    facts.remoteClose?.reason.append(0)
    #expect(PeerChecks.writtenReason.complaint(facts)?.contains("NUL") == true)
    #expect(PeerChecks([]).complaint(facts) == nil)
  }

  @Test(
    arguments: [
      ([UInt8](), nil), (Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), nil),
      ([0x81, 7] + Array("through".utf8), "a text frame"),
      (Array("sorry".utf8) + [0x8a, 7] + Array("through".utf8), "a Pong frame"),
    ] as [([UInt8], String?)])
  func `after a refusal the steps go on, and frames are held against the server`(
    octets: [UInt8], complaint: String?
  ) throws {
    let text = """
      section RFC 6455 §4.2.2
      case a
        why b
        check no-tunnel
        > request Upgrade=none
        > wait 100ms
        > text "through"
        < refuse 4xx
        within 1s kill

      """
    let item = try #require(CaseParser.parse(bytes: Array(text.utf8), path: "x").first)
    let play = PlayerHarness(item).open(url: try WebSocketURL("ws://localhost/"))
    play.receive("HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\nsorry")
    let before = play.written.count
    play.wait(.milliseconds(100))
    #expect(play.written.count == before + 6 + 7)
    play.receive(octets: octets)
    play.wait(.seconds(1))
    #expect(play.player.wish == .abort)
    let verdict = StrictVerdict(of: item, facts: play.lose())
    #expect(verdict.verdict.isMet == (complaint == nil))
    if let complaint { #expect(verdict.reason.contains(complaint)) }
  }
}
