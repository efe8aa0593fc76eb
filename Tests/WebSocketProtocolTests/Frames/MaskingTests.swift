import Testing
import WebSocketProtocol

@Suite("RFC 6455 §5.3 Masking")
struct MaskingTests {
  private func naive(_ bytes: [UInt8], phase: Int) -> [UInt8] {
    let key: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
    return bytes.enumerated().map { $1 ^ key[($0 + phase) % 4] }
  }

  private func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.span.elementsEqual(right.span)
  }

  private func applyToAll(_ bytes: [UInt8]) -> Bool {
    var bytes = bytes
    var span = bytes.mutableSpan
    return testKey.apply(to: &span, in: 0..<span.count)
  }

  private let data: [UInt8] = {
    var generator = SeededGenerator(seed: 1)
    return generator.octets(512)
  }()

  @Test(arguments: 0...7)
  func `every length at every phase is masked as by the naive loop`(phase: Int) {
    for length in Array(0...200) + [255, 256, 257, 320, 511, 512] {
      let payload = Array(data[..<length])
      let expected = naive(payload, phase: phase)

      var inPlace = payload
      var span = inPlace.mutableSpan
      testKey.apply(to: &span, phase: phase)
      #expect(inPlace == expected)

      var appended: [UInt8] = [1, 2, 3]
      testKey.appendMasked(payload.span, phase: phase, to: &appended)
      #expect(appended == [1, 2, 3] + expected)
    }
  }

  @Test(arguments: 0...64)
  func `only the given part is masked, wherever it starts`(start: Int) {
    for length in 0...64 {
      var bytes = Array(data[..<160])
      var span = bytes.mutableSpan
      testKey.apply(to: &span, in: start..<(start + length), phase: 1)
      let expected =
        data[..<start] + naive(Array(data[start..<(start + length)]), phase: 1)
        + data[(start + length)..<160]
      #expect(bytes == Array(expected))
    }
  }

  @Test
  func `applying a key tells whether ASCII came out, wherever the odd octet is`() {
    for length in 1...150 {
      #expect(applyToAll(naive([UInt8](repeating: 0x7f, count: length), phase: 0)))
      for odd in 0..<length {
        var plain = [UInt8](repeating: 0x41, count: length)
        plain[odd] = 0x80
        #expect(!applyToAll(naive(plain, phase: 0)))
      }
    }
  }

  @Test
  func `a key is its octets in the order of the wire`() {
    let octets = testKey.octets
    #expect(octets == (0x37, 0xfa, 0x21, 0x3d))
    for index in 0..<8 {
      #expect(testKey[index] == [0x37, 0xfa, 0x21, 0x3d][index % 4])
      #expect(testKey.advanced(by: index)[0] == testKey[index])
      #expect(testKey.advanced(by: index)[3] == testKey[index + 3])
    }
  }

  @Test
  func `octets are compared, at every length and at every difference`() {
    for length in 0...100 {
      let left = Array(data[..<length])
      #expect(equal(left, left))
      #expect(!equal(left, left + [0]))
      for index in 0..<length {
        var right = left
        right[index] ^= 1
        #expect(!equal(left, right))
      }
    }
  }
}
