import WebSocketProtocol

/// Looks at the masking keys of a client: RFC 6455 §5.3 wants each drawn anew, from a strong source.
///
/// Randomness cannot be shown, but its lack often can. What is complained of here happens to a client
/// that draws its keys well less often than once in ten million cases.
enum MaskingKeyReview {
  /// So few keys say nothing.
  static let fewestKeys = 64
  /// So many are looked at.
  static let mostKeys = 4096

  /// What is wrong with the keys, in one line; nil: nothing that shows.
  static func complaint(_ keys: [MaskingKey]) -> String? {
    guard keys.count >= fewestKeys else {
      return "\(keys.count) masked frames are too few to judge the masking keys by"
    }
    let words = keys.map { key in
      (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(key[$1]) }
    }
    if Set(words).count == 1 {
      return words[0] == 0
        ? "every masking key is 00000000" : "every frame has the same masking key, \(hex(words[0]))"
    }
    // Two equal keys among many may be chance, two pairs are not.
    let repeated = words.count - Set(words).count
    if repeated > 1 {
      return "\(repeated) of \(words.count) masking keys were used before"
    }
    let steps = zip(words, words.dropFirst()).map { $1 &- $0 }
    let counts = steps.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    if let most = counts.max(by: { $0.value < $1.value }), most.value * 4 > steps.count {
      return "masking keys are counted up, in steps of \(hex(most.key))"
    }
    return biasComplaint(words)
  }

  /// Each bit is one in half of the keys, give or take six standard deviations.
  private static func biasComplaint(_ words: [UInt32]) -> String? {
    let slack = 3 * Double(words.count).squareRoot()
    for bit in 0..<32 {
      let ones = words.count { $0 >> (31 - UInt32(bit)) & 1 == 1 }
      guard abs(Double(ones) - Double(words.count) / 2) > slack else { continue }
      return "bit \(bit) of the masking keys is 1 in \(ones) of \(words.count): they can be guessed"
    }
    return nil
  }

  private static func hex(_ word: UInt32) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
