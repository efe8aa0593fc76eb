import Testing
import WebSocketProtocol

@testable import FaultyTwins

@Suite("Twins")
struct TwinTests {
  private static let honest: [Role: [Probe.Transcript]] = Dictionary(
    uniqueKeysWithValues: Role.allCases.map { side in
      (side, Probe.all.map { $0.play(nil, side) })
    })

  /// What differs in TLS, or over a second connection, is tested over sockets.
  @Test(
    arguments: Fault.all.filter { $0.deviation.changesTLS == nil && $0.deviation.follows == nil })
  func `a fault shows from outside`(fault: Fault) throws {
    for side in fault.sides {
      let honest = try #require(Self.honest[side])
      let shows = zip(Probe.all, honest).contains { probe, transcript in
        probe.play(fault, side) != transcript
      }
      #expect(shows, "\(fault.name) of a \(side) does what the honest one does")
    }
  }

  @Test(arguments: Role.allCases)
  func `the honest twin echoes, answers a Ping and closes`(side: Role) throws {
    let probe = Probe(frames: [Probe.text("hello"), Probe.frame(.ping, [1, 2]), Probe.close(1001)])
    let transcript = probe.play(nil, side)
    let said = transcript.output.suffix(4).prefix(3).map { octets in
      var frames = IncomingFrames()
      frames.append(octets)
      guard case .frame(let frame)? = frames.next(wantsWhole: true, change: { _ in }) else {
        return Frame(.continuation)
      }
      return frame
    }
    #expect(said.map(\.header.opcode) == [.text, .pong, .close])
    #expect(said.map(\.payload) == [Array("hello".utf8), [1, 2], [0x03, 0xe9]])
    #expect(said.allSatisfy { ($0.header.maskingKey != nil) == (side == .client) })
  }

  @Test func `the honest server ends TCP after the closing handshake, the client waits`() {
    let probe = Probe(frames: [Probe.close(1000)])
    #expect(probe.play(nil, .server).wishes.last == .close)
    let wishes = probe.play(nil, .client).wishes
    #expect(wishes.dropLast().allSatisfy { $0 == .none })
    #expect(wishes.last == .close)
  }
}
