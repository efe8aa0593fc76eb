import Testing

@testable import WebSocketProtocol

@Suite("RFC 6455 §5.4 Keeping the fragments of a message")
struct PayloadTests {
  @Test
  func `a message in many small fragments is not moved at each of them`() throws {
    var connection = Connection(role: .server)
    var output: [UInt8] = []
    var capacities: Set<Int> = []
    for index in 0..<4096 {
      let frame = Frame(
        index == 0 ? .binary : .continuation, Array(repeating: 7, count: 64), isFinal: false,
        maskingKey: .zero)
      var octets = frame.encoded
      var input = Input(octets.mutableSpan)
      while let event = connection.nextEvent(&input, at: .now, output: &output) {
        Issue.record("an unfinished message has no event, but this came: \(describe(event))")
      }
      capacities.insert(connection.assembly.capacity)
    }
    // 256 KiB, doubled from 4 KiB on.
    #expect(connection.assembly.count == 4096 * 64)
    #expect(capacities.count <= 8)
  }

  private func describe(_ event: borrowing Event) -> String {
    switch event {
    case .failed(let failure): "\(failure)"
    default: "another event"
    }
  }
}
