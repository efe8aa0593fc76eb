import Testing

@testable import LoadTesting

extension ExpectedFrame {
  fileprivate func isWhole(_ octets: [UInt8], at offset: Int, word: UInt64) -> Bool {
    matchesWhole(octets.span, at: offset, word: word)
  }

  fileprivate func isPart(_ octets: [UInt8], at offset: Int = 0, position: Int, word: UInt64)
    -> Bool
  {
    matchesPart(
      octets.span, at: offset, position: position, count: octets.count - offset, word: word)
  }
}

@Suite("Echoes compared as they arrive")
struct ExpectedFrameTests {
  static let sizes = [0, 1, 5, 8, 9, 15, 16, 20, 30, 70, 125, 126, 200]

  @Test(arguments: sizes)
  func `an echo matches, and no octet of it may differ`(size: Int) {
    for content in [PayloadContent.random, .json] {
      let template = PayloadTemplate(content, byteCount: size, isText: true, seed: 5)
      let expected = ExpectedFrame(template: template, opcode: 1)
      let word = expected.word(for: 77)
      let frame = [9, 9, 9] + expected.prefix(expected.length, word: word)
      #expect(expected.isWhole(frame, at: 3, word: word))
      if size > 0 {
        #expect(!expected.isWhole(frame, at: 3, word: expected.word(for: 78)))
      }
      for index in 3..<frame.count {
        var damaged = frame
        damaged[index] ^= 1
        #expect(!expected.isWhole(damaged, at: 3, word: word))
      }
    }
  }

  @Test(arguments: sizes)
  func `an echo matches in any two parts`(size: Int) {
    let template = PayloadTemplate(.json, byteCount: size, isText: true, seed: 5)
    let expected = ExpectedFrame(template: template, opcode: 1)
    let word = expected.word(for: 1234)
    let frame = expected.prefix(expected.length, word: word)
    for cut in 0...frame.count {
      let (head, tail) = (Array(frame[..<cut]), Array(frame[cut...]))
      #expect(expected.isPart(head, position: 0, word: word))
      #expect(expected.isPart(tail, position: cut, word: word))
      #expect(expected.prefix(cut, word: word) == head)
    }
    for index in 0..<frame.count {
      var damaged = frame
      damaged[index] ^= 0x80
      let cut = index / 2
      let matches =
        expected.isPart(Array(damaged[..<cut]), position: 0, word: word)
        && expected.isPart(damaged, at: cut, position: cut, word: word)
      #expect(!matches)
    }
  }
}
