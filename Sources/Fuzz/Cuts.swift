/// Where to cut an input: pieces whose lengths come from the input itself, so that the fuzzer learns
/// which cuts matter.
struct Cuts {
  private var state: UInt64

  /// Cuts that depend on the octets of `seed` alone.
  init(seed: Span<UInt8>) {
    state = 0xcbf2_9ce4_8422_2325
    for index in seed.indices {
      state = (state ^ UInt64(seed[index])) &* 0x0000_0100_0000_01b3
    }
  }

  /// The length of the next piece, of at most `limit` octets and at least one.
  mutating func next(limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let draw = Int(truncatingIfNeeded: state >> 33)
    // Mostly short pieces, sometimes long ones.
    let length = draw & 7 == 0 ? 1 + draw >> 3 & 0xfff : 1 + draw >> 3 & 0xf
    return min(length, limit)
  }

  /// Calls `body` with each piece of `input`, until it returns false.
  mutating func forEachPiece(of input: Span<UInt8>, _ body: (Span<UInt8>) -> Bool) {
    var offset = 0
    while offset < input.count {
      let length = next(limit: input.count - offset)
      guard body(input.extracting(offset..<(offset + length))) else { return }
      offset += length
    }
  }
}

/// Stops with a finding unless `condition` holds; the message stands in release builds too.
func check(_ condition: Bool, _ message: @autoclosure () -> String = "") {
  if !condition { fatalError(message()) }
}
