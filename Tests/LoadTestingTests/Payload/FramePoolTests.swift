import Testing

@testable import LoadTesting

@Suite("Frames masked in advance")
struct FramePoolTests {
  /// Unmasks the frames that `octets` consist of.
  func payloads(_ octets: ArraySlice<UInt8>) -> [(key: [UInt8], payload: [UInt8])] {
    var frames: [(key: [UInt8], payload: [UInt8])] = []
    var rest = octets
    while rest.count >= 2 {
      let short = Int(rest[rest.startIndex + 1] & 0x7f)
      let extra = short == 126 ? 2 : short == 127 ? 8 : 0
      let start = rest.startIndex + 2
      let length =
        extra == 0 ? short : rest[start..<(start + extra)].reduce(0) { $0 << 8 | Int($1) }
      let key = Array(rest[(start + extra)..<(start + extra + 4)])
      let body = rest[(start + extra + 4)...].prefix(length)
      frames.append((key, body.enumerated().map { $1 ^ key[$0 & 3] }))
      rest = rest[body.endIndex...]
    }
    return frames
  }

  @Test(arguments: [0, 1, 5, 8, 20, 125, 126, 1024, 65_535, 65_536], PayloadContent.allCases)
  func `each frame carries its number under its mask`(size: Int, content: PayloadContent) {
    let template = PayloadTemplate(content, byteCount: size, isText: true, seed: 3)
    var generator = SystemRandomNumberGenerator()
    var pool = FramePool(template: template, opcode: 1) { generator.next() }
    var sequence: UInt64 = 0
    for count in [1, 2, 1, min(5, pool.frameCount), pool.frameCount] {
      let range = pool.prepare(count: count, firstSequence: sequence)
      let frames = payloads(pool.octets[range])
      #expect(frames.count == count)
      for frame in frames {
        var expected = template.octets
        var span = expected.mutableSpan
        let field = template.sequence
        span.setWord(field.word(for: sequence), count: field.digitCount, at: field.offset)
        #expect(frame.payload == expected)
        sequence += 1
      }
    }
  }

  @Test func `keys differ between frames and change with rekeying`() {
    let template = PayloadTemplate(.random, byteCount: 20, isText: false, seed: 3)
    var generator = SystemRandomNumberGenerator()
    var pool = FramePool(template: template, opcode: 2) { generator.next() }
    let first = Set(payloads(pool.octets[...]).map(\.key))
    #expect(first.count >= pool.frameCount - 1)
    pool.rekey { generator.next() }
    #expect(first.isDisjoint(with: payloads(pool.octets[...]).map(\.key)))
  }

  @Test func `a fresh key can be given to just the frames that come next`() {
    let template = PayloadTemplate(.random, byteCount: 16_384, isText: false, seed: 3)
    var counter: UInt32 = 0
    var pool = FramePool(template: template, opcode: 2) {
      counter += 1; return counter
    }
    for sequence in UInt64(0)..<10 {
      pool.rekeyNext(1) {
        counter += 1; return counter
      }
      let frames = payloads(pool.octets[pool.prepare(count: 1, firstSequence: sequence)])
      #expect(frames.map(\.key) == [[UInt8(counter), 0, 0, 0]])
    }
  }
}
