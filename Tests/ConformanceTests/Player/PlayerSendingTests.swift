import CaseLanguage
import Conformance
import Testing
import WebSocketProtocol

@Suite("RFC 6455 §5 Framing, as the player sends it")
struct PlayerSendingTests {
  @Test func `a client masks and a server does not`() {
    #expect(PlayerHarness([.text("a")]).start().sent[0].header.maskingKey != nil)
    #expect(PlayerHarness([.text("a")], role: .server).start().sent[0].header.maskingKey == nil)
  }

  @Test func `frames of one turn go out in one write`() {
    let play = PlayerHarness([.text("a"), .text("b")]).start()
    #expect(play.writes.count == 1)
    #expect(play.sent.count == 2)
  }

  @Test(arguments: [(5, [5]), (4, [2, 2, 0]), (3, [2, 1]), (1, [1])])
  func `a message is cut, and ends with an empty frame where the size divides it`(
    count: Int, lengths: [Int]
  ) {
    let size = count == 5 ? 5 : 2
    let message = Step.Message(
      kind: .binary, payload: .repeated([7], count: count), fragmentSize: size)
    let frames = PlayerHarness([.message(message)]).start().sent
    #expect(frames.map(\.payload.count) == lengths)
    #expect(frames.map(\.header.isFinal) == lengths.indices.map { $0 == lengths.count - 1 })
    #expect(frames[0].header.opcode == .binary)
    #expect(frames.dropFirst().allSatisfy { $0.header.opcode == .continuation })
  }

  @Test func `illegal frames are sent as they are asked for`() {
    let frame = Step.Frame(
      opcode: Opcode(rawValue: 11), payload: .repeated([1], count: 3), isFinal: false, rsv: 5,
      masking: .none, length: .sixteenBit(nil))
    #expect(PlayerHarness([.frame(frame)]).start().written == [0x5b, 126, 0, 3, 1, 1, 1])
  }

  @Test func `a chopped frame goes out piece by piece, and all that follows lines up`() {
    let play = PlayerHarness(
      [.text("abc", delivery: .pieces(2)), .text("d"), .close(Step.Close(code: 1000))]
    ).start()
    #expect(play.writes.isEmpty)
    play.releasePieces()
    #expect(play.writes.map(\.count) == [2, 2, 2, 2, 1, 7, 8])
    #expect(play.sent.map(\.header.opcode) == [.text, .text, .close])
    #expect(play.facts.closedByUs)
  }

  @Test func `a frame alone is a write of its own`() {
    let play = PlayerHarness([.text("a", delivery: .alone), .text("b", delivery: .alone)]).start()
    play.releasePieces()
    #expect(play.writes.count == 2)
  }

  @Test func `a frame can be written in parts, under one key`() {
    let play = PlayerHarness([
      .header(Step.Header(opcode: .text, payloadLength: 5, isFinal: false)),
      .piece(.text("ab")), .piece(.text("cde")),
      .frame(Step.Frame(opcode: .continuation)),
    ]).start()
    #expect(play.sent.map { String(decoding: $0.payload, as: UTF8.self) } == ["abcde", ""])
  }

  @Test func `a Close of the script is skipped once closing, a raw frame is not`() {
    let play = PlayerHarness([
      .close(Step.Close(code: 1000)), .close(Step.Close(code: 1001)),
      .frame(Step.Frame(opcode: .close)),
    ]).start()
    #expect(play.sent.map(\.closeCode) == [1000, nil])
    #expect(play.facts.localClose?.code == 1000)
  }

  @Test func `a pause leaves its mark and goes on`() {
    let pause = Step.Pause(.seconds(1), mark: "A", condition: .open)
    let play = PlayerHarness([.text("a"), .pause(pause), .text("b")]).start()
    #expect(play.sent.count == 1)
    play.wait(.seconds(1))
    #expect(play.sent.count == 2)
    #expect(play.facts.events == [.mark("A")])
  }

  @Test func `a pause for the open state ends the script when the peer has closed`() {
    let pause = Step.Pause(.seconds(1), mark: "A", condition: .open)
    let play = PlayerHarness(
      [.text("a"), .pause(pause), .text("b")], deadline: Deadline(.seconds(1), .kill)
    ).start()
    play.receive(.close(1000))
    play.wait(.seconds(2))
    #expect(play.facts.events.isEmpty)
    #expect(play.sent.map(\.header.opcode) == [.text, .close])
    play.wait(.seconds(5))
    #expect(play.facts.overran)
  }

  @Test func `another pause goes on while closing`() {
    let play = PlayerHarness([.text("a"), .pause(Step.Pause(.seconds(1))), .text("b")]).start()
    play.receive(.close(1000))
    play.wait(.seconds(1))
    #expect(play.sent.map(\.header.opcode) == [.text, .close, .text])
  }
}
