import Testing

@testable import LoadTesting

@Suite("Sequence numbers in payloads")
struct SequenceFieldTests {
  static let numbers: [UInt64] = [
    0, 1, 31, 32, 1023, 65_535, 0x7fff_ffff, 0xffff_ffff, 1 << 32, 1 << 40,
  ]

  @Test(arguments: 0...8)
  func `a number comes back from its digits`(digitCount: Int) throws {
    let field = SequenceField(offset: 0, digitCount: digitCount)
    for number in Self.numbers {
      let bits = try #require(field.sequenceBits(of: field.word(for: number)))
      #expect(field.sequence(bits: bits, near: number) == number)
      if digitCount > 0 {
        #expect(field.sequence(bits: bits, near: number + 5) == number)
        #expect(field.sequence(bits: bits, near: number &- min(number, 5)) == number)
      }
    }
  }

  @Test func `digits are printable ASCII without quote or backslash`() {
    let field = SequenceField(offset: 0, digitCount: 8)
    for number in Self.numbers {
      for index in 0..<8 {
        let octet = UInt8(truncatingIfNeeded: field.word(for: number) >> UInt64(8 * index))
        #expect((0x5d...0x7c).contains(octet))
      }
    }
  }

  @Test func `a damaged number is not taken for another`() {
    let field = SequenceField(offset: 0, digitCount: 8)
    var mistaken = 0
    for number in UInt64(0)..<2000 {
      for bit in UInt64(0)..<64
      where field.sequenceBits(of: field.word(for: number) ^ 1 << bit) != nil {
        mistaken += 1
      }
    }
    #expect(mistaken == 0)
  }

  @Test func `numbers before the first do not exist`() {
    let field = SequenceField(offset: 0, digitCount: 1)
    #expect(field.sequence(bits: 31, near: 0) == nil)
    #expect(field.sequence(bits: 31, near: 40) == 31)
  }

  @Test(arguments: 0...8)
  func `words are read and written at any offset`(count: Int) {
    var octets = [UInt8](0..<20)
    let word: UInt64 = 0xf1f2_f3f4_f5f6_f7f8
    for offset in 0...12 {
      octets = [UInt8](0..<20)
      var span = octets.mutableSpan
      span.setWord(word, count: count, at: offset)
      let read = octets.span.partialWord(at: offset, count: count)
      #expect(read == word & SequenceField(offset: 0, digitCount: count).mask)
      #expect(octets[..<offset].elementsEqual([UInt8](0..<20)[..<offset]))
      #expect(octets[(offset + count)...].elementsEqual([UInt8](0..<20)[(offset + count)...]))
    }
  }
}
