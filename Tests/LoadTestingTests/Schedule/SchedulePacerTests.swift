import Testing

@testable import LoadTesting

@Suite("Schedules of an open loop")
struct SchedulePacerTests {
  static let second: Int64 = 1_000_000_000

  static let schedules: [LoadSchedule] = [
    LoadSchedule(rate: 1000),
    LoadSchedule(rate: 1000, arrivals: .poisson),
    .ramp(from: 1000, to: 5000),
    .ramp(from: 5000, to: 1000, over: .seconds(2)),
    .ramp(from: 0, to: 2000),
    .ramp(from: 2000, to: 0),
    LoadSchedule([
      LoadSchedule.Stretch(from: 500, duration: .seconds(1)),
      LoadSchedule.Stretch(from: 0, duration: .seconds(1)),
      LoadSchedule.Stretch(from: 100, to: 3000, duration: .milliseconds(1500)),
    ]),
    LoadSchedule(
      [
        LoadSchedule.Stretch(from: 500, duration: .seconds(1)),
        LoadSchedule.Stretch(from: 2000, duration: nil),
      ], arrivals: .poisson),
    .bursts(of: 100, every: .milliseconds(250)),
  ]

  /// A run that warms up for two seconds and measures for four.
  func pacer(_ schedule: LoadSchedule, shard: LoadShard = .whole, seed: UInt64 = 7) -> SchedulePacer
  {
    SchedulePacer(
      schedule, measuringStart: 2 * Self.second, measuringEnd: 6 * Self.second, seed: seed,
      shard: shard)
  }

  func times(_ pacer: SchedulePacer, until end: Int64) -> [Int64] {
    var times: [Int64] = []
    var number: UInt64 = 0
    while true {
      let time = pacer.plannedTime(ofMessage: number)
      if time >= end { return times }
      times.append(time)
      number += 1
    }
  }

  @Test(arguments: schedules.indices)
  func `time never goes back, and what is due is what was planned until then`(index: Int) {
    let pacer = pacer(Self.schedules[index])
    let times = times(pacer, until: 6 * Self.second)
    #expect(times.count > 1000)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    for number in stride(from: 0, to: times.count, by: 997) {
      let time = times[number]
      #expect(pacer.dueCount(at: time) == UInt64(times.partitioningIndex { $0 > time }))
      #expect(pacer.dueCount(at: time - 1) == UInt64(times.partitioningIndex { $0 >= time }))
    }
  }

  @Test(arguments: schedules.indices, [2, 3, 7])
  func `the parts of shards are the whole, each message once`(index: Int, count: Int) {
    let whole = times(pacer(Self.schedules[index]), until: 6 * Self.second)
    var parts: [Int64] = []
    for shard in 0..<count {
      let part = times(
        pacer(Self.schedules[index], shard: LoadShard(index: shard, of: count)),
        until: 6 * Self.second)
      #expect(abs(part.count - whole.count / count) <= 1)
      parts += part
    }
    let differences = zip(parts.sorted(), whole).map { abs($0 - $1) }
    #expect(parts.count == whole.count)
    // A constant rate is divided, which may round to the next nanosecond.
    #expect(differences.allSatisfy { $0 <= 1 })
  }

  @Test func `two loops work out the same Poisson process, in whatever order they ask`() {
    let schedule = LoadSchedule(rate: 1000, arrivals: .poisson)
    let forward = pacer(schedule)
    let backward = pacer(schedule)
    let numbers = Array(stride(from: UInt64(0), to: 1_500_000, by: 49_999))
    let expected = numbers.map { forward.plannedTime(ofMessage: $0) }
    #expect(numbers.reversed().map { backward.plannedTime(ofMessage: $0) }.reversed() == expected)
    #expect(numbers.map { forward.plannedTime(ofMessage: $0) } == expected)
    #expect(pacer(schedule, seed: 8).plannedTime(ofMessage: 49_999) != expected[1])
  }

  @Test func `Poisson arrivals have the rate, and distances without memory`() {
    let pacer = pacer(LoadSchedule(rate: 1000, arrivals: .poisson))
    let count = 40_000
    let times = (0...count).map { pacer.plannedTime(ofMessage: UInt64($0)) }
    let gaps = zip(times, times.dropFirst()).map { Double($1 - $0) / 1e6 }.sorted()
    // The mean of so many has a standard error of 0.5 %; all of this is fixed by the seed.
    #expect(abs(gaps.reduce(0, +) / Double(count) - 1) < 0.02)
    let deviation = (gaps.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } / Double(count)).squareRoot()
    #expect(abs(deviation - 1) < 0.02)
    // Kolmogorov and Smirnov: the greatest distance from the exponential law's quantiles.
    for (share, quantile) in [(0.1, 0.10536), (0.5, 0.69315), (0.9, 2.30259), (0.99, 4.60517)] {
      let below = gaps.partitioningIndex { $0 > quantile }
      #expect(abs(Double(below) / Double(count) - share) < 0.01)
    }
    // Counts of seconds vary as much as their mean, so that the index of dispersion is 1.
    var counts = [Double](repeating: 0, count: 38)
    for time in times where time < 38 * Self.second { counts[Int(time / Self.second)] += 1 }
    let variance = counts.reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) } / 38
    #expect((0.5...1.6).contains(variance / 1000))
  }

  @Test func `a ramp has all rates between its ends, after warm-up and before cool-down`() {
    let pacer = pacer(.ramp(from: 1000, to: 5000))
    func count(_ from: Int64, _ to: Int64) -> UInt64 {
      pacer.dueCount(at: to * Self.second - 1) - pacer.dueCount(at: from * Self.second - 1)
    }
    #expect(count(0, 1) == 1000)
    #expect(count(1, 2) == 1000)
    #expect((1499...1501).contains(count(2, 3)))
    #expect((4499...4501).contains(count(5, 6)))
    #expect((11_999...12_001).contains(count(2, 6)))
    #expect((4999...5001).contains(count(7, 8)))
  }

  @Test func `steps follow each other from the beginning of measuring`() {
    let pacer = pacer(Self.schedules[6])
    #expect(pacer.dueCount(at: 3 * Self.second - 1) == 1500)
    #expect(pacer.dueCount(at: 4 * Self.second - 1) == 1500)
    #expect(pacer.plannedTime(ofMessage: 1500) == 4 * Self.second)
    #expect(pacer.dueCount(at: 5_500_000_000 - 1) == 1500 + 2325)
  }

  @Test func `a burst is due at once`() {
    let pacer = pacer(.bursts(of: 100, every: .milliseconds(250)))
    #expect(pacer.dueCount(at: 0) == 100)
    #expect(pacer.dueCount(at: 249_999_999) == 100)
    #expect(pacer.dueCount(at: 250_000_000) == 200)
    #expect(pacer.plannedTime(ofMessage: 199) == 250_000_000)
  }

  @Test func `a rate that falls to nothing plans nothing more`() {
    let pacer = pacer(.ramp(from: 2000, to: 0))
    #expect(pacer.dueCount(at: 60 * Self.second) == 8000)
    #expect(pacer.plannedTime(ofMessage: 8000) == .max)
  }

  @Test func `a schedule is told in words, with its mean rate`() {
    #expect(LoadSchedule(rate: 1000).words == "1000 messages/s")
    #expect(LoadSchedule.ramp(from: 0.5, to: 5000).words == "0.5 to 5000 messages/s")
    #expect(Self.schedules[7].words == "500 for 1 s, 2000 messages/s, Poisson")
    #expect(Self.schedules[8].words == "400 messages/s, in bursts of 100")
    #expect(LoadSchedule.ramp(from: 1000, to: 5000).meanRate(over: .seconds(10)) == 3000)
  }
}

extension Array {
  /// The first index whose element, and each after it, fulfils the condition.
  fileprivate func partitioningIndex(_ condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
