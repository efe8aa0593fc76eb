import Testing
import WebSocketProtocol

@Suite("RFC 6455 §10.3 Masking keys")
struct MaskingKeySourceTests {
  @Test
  func `keys come from the refills, each once and in order`() {
    var next: UInt32 = 0
    let source = MaskingKeySource(batchCount: 4) { keys in
      for index in keys.indices {
        keys[index] = next
        next += 1
      }
    }
    let keys = (0..<10).map { _ in source.next().rawValue }
    #expect(keys == Array(0..<10))
  }
}
