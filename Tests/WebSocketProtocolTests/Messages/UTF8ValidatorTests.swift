import Testing
import WebSocketProtocol

@Suite("RFC 3629 §4 UTF-8")
struct UTF8ValidatorTests {
  /// The octets and the offset of the first one that no text can have there; nil if there is none.
  static let vectors: [(octets: [UInt8], invalidOffset: Int?)] = [
    ([], nil),
    (Array("Hello-µ@ßöäüàá-UTF-8!!".utf8), nil),
    (Array("κόσμε 日本語 🎉".utf8), nil),
    // The first and the last of each length.
    ([0x00], nil), ([0x7f], nil),
    ([0xc2, 0x80], nil), ([0xdf, 0xbf], nil),
    ([0xe0, 0xa0, 0x80], nil), ([0xef, 0xbf, 0xbf], nil),
    ([0xf0, 0x90, 0x80, 0x80], nil), ([0xf4, 0x8f, 0xbf, 0xbf], nil),
    // Around the surrogates; the noncharacters are characters here.
    ([0xed, 0x9f, 0xbf], nil), ([0xee, 0x80, 0x80], nil),
    ([0xef, 0xbf, 0xbe], nil), ([0xf0, 0x9f, 0xbf, 0xbe], nil),
    ([0xed, 0xa0, 0x80], 1), ([0xed, 0xbf, 0xbf], 1), ([0xed, 0x9f, 0x7f], 2),
    // Beyond U+10FFFF.
    ([0xf4, 0x90, 0x80, 0x80], 1), ([0xf5], 0), ([0xf7, 0xbf, 0xbf, 0xbf], 0),
    ([0xf8, 0x88, 0x80, 0x80, 0x80], 0), ([0xfc], 0), ([0xfe], 0), ([0xff], 0),
    // Longer than need be.
    ([0xc0, 0xaf], 0), ([0xc1, 0xbf], 0), ([0xe0, 0x9f, 0xbf], 1), ([0xe0, 0x80, 0xaf], 1),
    ([0xf0, 0x8f, 0xbf, 0xbf], 1), ([0xf0, 0x80, 0x80, 0xaf], 1),
    // Out of place.
    ([0x80], 0), ([0xbf], 0), ([0x41, 0x80], 1), ([0xc2, 0x41], 1), ([0xe2, 0x82, 0x41], 2),
    ([0xf0, 0x9f, 0x98, 0x41], 3), ([0xc2, 0x80, 0x80], 2), ([0xf0, 0x9f, 0x98, 0xc0], 3),
    (Array("κόσμε".utf8) + [0xed, 0xa0, 0x80] + Array("edited".utf8), 11),
    (Array("κόσμε".utf8) + [0xf4, 0x90, 0x80, 0x80] + Array("edited".utf8), 11),
  ]

  @Test(arguments: vectors)
  func `the first impossible octet is found, and no earlier one`(
    octets: [UInt8], invalidOffset: Int?
  ) {
    var validator = UTF8Validator()
    let found = validator.firstInvalidOffset(octets)
    #expect(found == invalidOffset)
    if invalidOffset == nil { #expect(validator.isAtBoundary) }
    for padding in 0...40 {
      var validator = UTF8Validator()
      let padded = [UInt8](repeating: 0x20, count: padding) + octets + Array("   ".utf8)
      let found = validator.firstInvalidOffset(padded)
      #expect(found == invalidOffset.map { $0 + padding })
    }
  }

  @Test(arguments: vectors)
  func `where the text is cut makes no difference`(octets: [UInt8], invalidOffset: Int?) {
    for cut in 0...octets.count {
      var validator = UTF8Validator()
      var found = validator.firstInvalidOffset(Array(octets[..<cut]))
      if found == nil {
        found = validator.firstInvalidOffset(Array(octets[cut...]))
          .map { $0 + cut }
      }
      #expect(found == invalidOffset)
    }
  }

  @Test(arguments: ["µ", "日", "🎉"])
  func `a text may not end within a character`(character: String) {
    let octets = Array(character.utf8)
    var validator = UTF8Validator()
    for (index, octet) in octets.enumerated() {
      let isPossible = validator.accepts([octet])
      #expect(isPossible)
      #expect(validator.isAtBoundary == (index == octets.count - 1))
    }
    _ = validator.accepts([0xe2])
    validator.reset()
    #expect(validator.isAtBoundary)
  }

  @Test
  func `every pair of octets is judged as the standard library judges it`() {
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        // Whatever follows, the pair alone must be the start of something the library accepts.
        let pair = [first, second]
        let continuations: [[UInt8]] = [
          [], [0x80], [0x80, 0x80], [0xa0, 0x80], [0x80, 0x80, 0x80], [0x90, 0x80, 0x80],
        ]
        let isPossible = continuations.contains {
          String(validating: pair + $0, as: UTF8.self) != nil
        }
        var validator = UTF8Validator()
        let isAccepted = validator.accepts(pair)
        #expect(isAccepted == isPossible)
      }
    }
  }

  @Test(arguments: UInt64(0)..<40)
  func `random mutations of text are judged as the standard library judges them`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let letters = ["a", "Z", " ", "é", "ß", "д", "日", "本", "語", "한", "🎉", "\u{7ff}", "\u{ffff}"]
    for _ in 0..<200 {
      let count = Int.random(in: 0...60, using: &generator)
      let text = (0..<count).map { _ in letters.randomElement(using: &generator) ?? "" }.joined()
      var octets = Array(text.utf8)
      for _ in 0..<Int.random(in: 0...2, using: &generator) where !octets.isEmpty {
        let index = Int.random(in: 0..<octets.count, using: &generator)
        octets[index] = UInt8.random(in: 0...255, using: &generator)
      }
      var validator = UTF8Validator()
      let isValid = validator.accepts(octets) && validator.isAtBoundary
      #expect(isValid == (String(validating: octets, as: UTF8.self) != nil))
    }
  }
}

extension UTF8Validator {
  fileprivate mutating func accepts(_ octets: [UInt8]) -> Bool { validate(octets.span) }

  fileprivate mutating func firstInvalidOffset(_ octets: [UInt8]) -> Int? {
    firstInvalidOffset(in: octets.span)
  }
}
