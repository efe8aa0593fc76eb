internal import Glibc

/// The messages of a schedule that is not constant; one for each loop, which keeps for itself what it has
/// worked out.
///
/// A Poisson process has no closed form for its n-th message: distances are drawn, each from the seed and the
/// message's number alone, and summed up in blocks. The sum before each block is kept, and the planned
/// times of about the last million messages, which are those that a loop asks for.
final class VaryingPacer: Pacer {
  private let profile: RateProfile
  private let arrivals: LoadSchedule.Arrivals
  private let seed: UInt64

  private static let blockLength = 1024
  private static let keptBlockCount = 1024
  /// How many mean distances lie before each block.
  private var sums: [Double] = [0]
  private var kept: [KeptBlock] = []

  private struct KeptBlock {
    var number = Int.max
    var times: [Int64] = []
  }

  init(_ schedule: LoadSchedule, profile: RateProfile, seed: UInt64) {
    self.profile = profile
    arrivals = schedule.arrivals
    self.seed = seed
  }

  func plannedTime(ofMessage number: UInt64) -> Int64 {
    switch arrivals {
    case .even: return profile.time(of: Double(number))
    case .bursts(let count): return profile.time(of: Double(number - number % UInt64(count)))
    case .poisson:
      let block = Int(number / UInt64(Self.blockLength))
      let place = block % Self.keptBlockCount
      let index = Int(number % UInt64(Self.blockLength))
      if place < kept.count, kept[place].number == block { return kept[place].times[index] }
      return draw(block, keptAt: place)[index]
    }
  }

  /// Works out the planned times of a block, and of those before it that have not been yet.
  private func draw(_ block: Int, keptAt place: Int) -> [Int64] {
    while sums.count <= block {
      let first = (sums.count - 1) * Self.blockLength
      var sum = sums[sums.count - 1]
      for number in first..<(first + Self.blockLength) { sum += distance(UInt64(number)) }
      sums.append(sum)
    }
    while kept.count <= place { kept.append(KeptBlock()) }
    var times: [Int64] = []
    swap(&times, &kept[place].times)
    times.removeAll(keepingCapacity: true)
    times.reserveCapacity(Self.blockLength)
    var sum = sums[block]
    let first = block * Self.blockLength
    for number in first..<(first + Self.blockLength) {
      sum += distance(UInt64(number))
      times.append(profile.time(of: sum))
    }
    if sums.count == block + 1 { sums.append(sum) }
    kept[place] = KeptBlock(number: block, times: times)
    return times
  }

  /// How long a message comes after the one before it, in mean distances: exponentially distributed.
  private func distance(_ number: UInt64) -> Double {
    // SplitMix64 of a counter, so that any message's distance can be had without the ones before.
    var bits = seed &+ (number &+ 1) &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    bits ^= bits >> 31
    // Above 0 and up to 1.
    return -log((Double(bits >> 11) + 1) * 0x1p-53)
  }
}
