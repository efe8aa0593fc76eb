/// Deals out masking keys from strong randomness that the caller brings, a buffer at a time.
///
/// RFC 6455 §5.3 and §10.3 want each key to be unpredictable; this room has no randomness of its own.
/// One source serves all connections of an event loop.
public final class MaskingKeySource {
  private var keys: [UInt32]
  private var index: Int
  private let refill: (inout [UInt32]) -> Void

  /// A source that asks `refill` for new random words whenever `batchCount` keys are used up.
  ///
  /// - Parameters:
  ///   - batchCount: How many keys one refill gives.
  ///   - refill: Overwrites every element of the array it is given.
  public init(batchCount: Int = 256, refill: @escaping (inout [UInt32]) -> Void) {
    precondition(batchCount > 0)
    keys = Array(repeating: 0, count: batchCount)
    index = batchCount
    self.refill = refill
  }

  /// The next key; none is dealt twice.
  public func next() -> MaskingKey {
    if index >= keys.count {
      refill(&keys)
      precondition(!keys.isEmpty, "a refill leaves at least one key")
      index = 0
    }
    let key = keys[index]
    index &+= 1
    return MaskingKey(rawValue: key)
  }
}
