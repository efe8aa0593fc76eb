import WebSocketProtocol

/// All that is drawn by lot in a play, from one number: the same number gives the same octets again.
///
/// Nobody is to be protected from guessing these keys; a failure is to be repeatable.
struct SeededKeys: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The lot of one play of one case, whatever else plays beside it.
  init(seed: UInt64, caseID: String, play: Int = 0) {
    // FNV-1a over the name: unlike `Hasher` it is the same in each process.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for octet in caseID.utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3 }
    state = seed ^ hash ^ UInt64(truncatingIfNeeded: play) &* 0x9e37_79b9_7f4a_7c15
  }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// The key of the opening handshake.
  mutating func handshakeKey() -> HandshakeKey {
    HandshakeKey(octets: (0..<16).map { _ in UInt8(truncatingIfNeeded: next()) })
  }

  /// The masking keys of the play.
  func maskingKeys() -> MaskingKeySource {
    var generator = self
    return MaskingKeySource(batchCount: 64) { words in
      for index in words.indices { words[index] = UInt32(truncatingIfNeeded: generator.next()) }
    }
  }
}
