import Reports
import WebSocketProtocol

/// All that is drawn by lot in a play, from one number: the same number gives the same octets again.
///
/// Nobody is to be protected from guessing these keys; a failure is to be repeatable.
struct SeededKeys: RandomNumberGenerator, Sendable {
  private var generator: SeededGenerator

  /// The lot of one play of one case, whatever else plays beside it.
  init(seed: UInt64, caseID: String, play: Int = 0) {
    // FNV-1a over the name: unlike `Hasher` it is the same in each process.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for octet in caseID.utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3 }
    generator = SeededGenerator(
      seed: seed ^ hash ^ UInt64(truncatingIfNeeded: play) &* 0x9e37_79b9_7f4a_7c15)
  }

  mutating func next() -> UInt64 { generator.next() }

  /// The key of the opening handshake.
  mutating func handshakeKey() -> HandshakeKey {
    HandshakeKey(octets: (0..<16).map { _ in UInt8(truncatingIfNeeded: next()) })
  }

  /// The masking keys of the play.
  func maskingKeys() -> MaskingKeySource {
    var generator = generator
    return MaskingKeySource(batchCount: 64) { words in
      for index in words.indices { words[index] = UInt32(truncatingIfNeeded: generator.next()) }
    }
  }
}
