/// Which part of a run this process plays, of how many: so that several processes or machines play one plan.
///
/// Message `n` of the whole plan is that of part `n mod count`, and so is connection `n`: the parts interleave, and
/// together they are the plan.
public struct LoadShard: Sendable, Equatable {
  /// The number of this part, from 0 on.
  public let index: Int
  /// How many parts there are.
  public let count: Int

  /// One part of several.
  public init(index: Int, of count: Int) {
    precondition(count > 0 && index >= 0 && index < count)
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

extension LoadPlan {
  /// The part of the plan that is a shard's.
  ///
  /// Connections, the rate at which they are begun, and messages are divided; source addresses are dealt,
  /// where there are enough for all.
  ///
  /// - Throws: where there is nothing to do for each shard.
  func part(of shard: LoadShard) throws(LoadPlanError) -> LoadPlan {
    guard shard.count > 1 else { return self }
    guard connections >= shard.count else {
      throw LoadPlanError(
        description: "connections: \(connections) are too few for \(shard.count) shards")
    }
    var part = self
    part.trace = trace?.part(of: shard)
    part.shard = shard
    part.connectionsOfAllShards = connections
    part.connections = shard.share(of: connections)
    part.loops = min(loops, part.connections)
    if sourceAddresses.count >= shard.count {
      part.sourceAddresses = sourceAddresses.indices.filter { $0 % shard.count == shard.index }
        .map { sourceAddresses[$0] }
    }
    part.connectRate = connectRate.map { $0 / Double(shard.count) }
    return part
  }
}

extension LoadPlan {
  /// How many connections all parts of the run have.
  var wholeConnections: Int { connectionsOfAllShards ?? connections }

  /// Which of the parts that send anything this is; nil if it sends nothing.
  ///
  /// Of a fan-out with fewer publishers than parts, the last parts only subscribe.
  var sendingShard: LoadShard? {
    guard case .fanOut(let fanOut) = traffic else { return shard }
    let count = min(shard.count, fanOut.publishers)
    return shard.index < count ? LoadShard(index: shard.index, of: count) : nil
  }

  /// The number that a connection of this part has among those of all parts.
  func wholeNumber(ofConnection number: Int) -> Int { number * shard.count + shard.index }
}

extension LoadTest {
  /// The part of the test that is a shard's.
  ///
  /// - Throws: where there is nothing to do for each shard.
  public func part(of shard: LoadShard) throws(LoadPlanError) -> LoadTest {
    guard shard.count > 1 else { return self }
    var part = self
    for index in groups.indices {
      part.groups[index].plan = try groups[index].plan.part(of: shard)
    }
    part.loops = min(loops, part.connections)
    part.shard = shard
    return part
  }
}
