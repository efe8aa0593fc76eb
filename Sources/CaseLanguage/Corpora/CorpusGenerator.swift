/// Makes the corpora: octets of the same size and character as those of the established suite,
/// compressible to about the same degree, from a seed.
struct CorpusGenerator {
  private var state: UInt64
  var octets: [UInt8] = []

  init(seed: UInt64, octetCount: Int) {
    state = seed
    octets.reserveCapacity(octetCount + 4096)
  }

  /// The next number of SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  /// A number from 0 to `bound` − 1.
  mutating func next(below bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// One of `choices`.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[next(below: choices.count)] }

  /// One of `choices`, the first ones far more often, as words of a language are.
  mutating func pickByRank<Choice>(_ choices: [Choice]) -> Choice {
    let fraction = Double(next() >> 11) / Double(1 << 53)
    return choices[Int(Double(choices.count) * fraction * fraction)]
  }

  mutating func write(_ text: String) { octets += text.utf8 }

  /// Appends octets without any pattern.
  mutating func writeNoise(_ count: Int) {
    for _ in 0..<(count / 8) {
      let value = next()
      for shift in stride(from: 0, to: 64, by: 8) {
        octets.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
      }
    }
    for _ in 0..<(count % 8) { octets.append(UInt8(truncatingIfNeeded: next())) }
  }

  mutating func writeLittleEndian(_ value: UInt32, octetCount: Int) {
    for index in 0..<octetCount { octets.append(UInt8(value >> UInt32(8 * index) & 0xff)) }
  }

  /// Cuts or fills up with spaces to exactly `count` octets, never inside a code point.
  mutating func finish(octetCount count: Int) -> [UInt8] {
    if octets.count > count {
      octets.removeLast(octets.count - count)
      while let last = octets.last, last & 0xc0 == 0x80 { octets.removeLast() }
      if let last = octets.last, last >= 0xc0 { octets.removeLast() }
    }
    octets += repeatElement(0x20, count: count - octets.count)
    return octets
  }
}
