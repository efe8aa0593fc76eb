/// Octets to compress, the same in every run.
enum Samples {
  /// A generator with a seed (SplitMix64), so that a failure can be seen again.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var word = state
      word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
      return word ^ word >> 31
    }
  }

  /// Text with repetitions near and far.
  static func text(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = Generator(state: seed)
    let words = ["name", "value", "\"id\":", "true", "{", "}", "[1, 2, 3]", "Grüße", "0.125"]
    var octets: [UInt8] = []
    while octets.count < count {
      if octets.count > 600, Int.random(in: 0..<4, using: &generator) == 0 {
        let start = Int.random(in: 0..<(octets.count - 40), using: &generator)
        octets += octets[start..<(start + Int.random(in: 3..<40, using: &generator))]
      } else {
        octets += words[Int.random(in: 0..<words.count, using: &generator)].utf8
        octets += String(Int.random(in: 0..<1000, using: &generator)).utf8
      }
    }
    return Array(octets.prefix(count))
  }

  /// Octets that do not compress.
  static func noise(_ count: Int, seed: UInt64 = 2) -> [UInt8] {
    var generator = Generator(state: seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }
}
