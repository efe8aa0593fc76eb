import Foundation
import Testing

/// Runs `body` with an example and the port that it has logged; SIGTERM ends it in order.
func withExample(
  _ program: String, _ arguments: [String], _ body: (UInt16, Subprocess) async throws -> Void
) async throws {
  let example = try Subprocess(arguments, program: program)
  var port: UInt16?
  let end = ContinuousClock.now + .seconds(30)
  // Looks once more after the end: on a busy machine the sleep may outlast it.
  repeat {
    try await Task.sleep(for: .milliseconds(10))
    port = example.errors.firstMatch(of: #/(?:http|wss)://127\.0\.0\.1:([0-9]+)/#).flatMap {
      UInt16($0.1)
    }
  } while port == nil && ContinuousClock.now < end
  try await body(try #require(port, "\(example.errors)"), example)
  example.send(signal: SIGTERM)
  #expect(await example.exitCode() == 0, "\(example.errors)")
}

extension RawClient {
  /// Sends a text of less than 126 octets, masked with zeros.
  func send(text: String) {
    send([0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0] + Array(text.utf8))
  }

  /// The next message, whole or in fragments, as its opcode and payload; Pings are passed over.
  func readMessage() -> (opcode: UInt8, text: String)? {
    var payload: [UInt8] = []
    var opcode: UInt8 = 0
    while let head = read(2) {
      var count = Int(head[1])
      if count == 126 {
        guard let more = read(2) else { return nil }
        count = Int(more[0]) << 8 | Int(more[1])
      }
      guard let octets = read(count) else { return nil }
      guard head[0] & 15 != 9 else { continue }
      if head[0] & 15 != 0 { opcode = head[0] & 15 }
      payload += octets
      if head[0] & 0x80 != 0 { return (opcode, String(decoding: payload, as: UTF8.self)) }
    }
    return nil
  }
}
