import Reports

extension SeededGenerator {
  /// About normal, with mean 0 and deviation 1: twelve uniform numbers less their mean.
  mutating func nextNormal() -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + Double(next() >> 11) / Double(1 << 53) }
  }
}
