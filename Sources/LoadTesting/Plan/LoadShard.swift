/// Which part of a run this process plays, of how many: so that several processes or machines play one plan.
///
/// Message `n` of the whole plan is that of shard `n mod count`, and so is connection `n`: the parts interleave, and
/// together they are the plan.
public struct LoadShard: Sendable, Equatable {
  /// The number of this part, from 0 on.
  public var index: Int
  /// How many parts there are.
  public var count: Int

  /// One part of several.
  public init(index: Int, of count: Int) {
    self.index = index
    self.count = count
  }

  /// A run that one process plays alone.
  public static let whole = LoadShard(index: 0, of: 1)

  /// How many of `total` things, dealt in turn, are this part's.
  public func share(of total: Int) -> Int {
    total / count + (index < total % count ? 1 : 0)
  }
}
