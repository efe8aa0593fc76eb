import ArgumentParser
import FoundationEssentials
import LoadTesting
import Reports

/// Which part of a run `gauntlet load` plays, and when all parts begin.
struct LoadShardOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Play part I of N, from 1/N to N/N, for 'gauntlet report merge'; auto: as the environment says.",
      discussion: """
        Connections, rates and source addresses of the command line are those of the whole. auto knows \
        JOB_COMPLETION_INDEX of Kubernetes with GAUNTLET_SHARD_COUNT, SLURM_PROCID and SLURM_NTASKS, \
        SLURM_ARRAY_TASK_ID, and OMPI_COMM_WORLD_RANK and PMI_RANK with their sizes.
        """,
      valueName: "I/N"))
  var shard: ShardName?

  @Option(
    help: ArgumentHelp(
      "Begin to send at this time, once all connections are open: 2026-11-21T02:30:00Z, or seconds "
        + "since 1970; for parts on several machines.",
      valueName: "TIME"))
  var startAt: WallTime?

  func validate() throws {
    if shard == .environment { _ = try part() }
  }

  /// The part to play.
  func part() throws -> LoadShard {
    switch shard {
    case nil: return .whole
    case .part(let index, let count): return LoadShard(index: index, of: count)
    case .environment:
      guard let found = ShardEnvironment.shard(ProcessInfo.processInfo.environment) else {
        throw ValidationError(
          "--shard auto: the environment says of no part; known are "
            + ShardEnvironment.namesInWords)
      }
      return try found.get()
    }
  }

  /// The part of a test that this process plays.
  func apply(to test: LoadTest) throws -> LoadTest {
    do {
      var test = try test.part(of: try part())
      test.startAt = startAt?.timestamp
      return test
    } catch let error as LoadPlanError {
      throw ValidationError(error.description)
    }
  }
}

/// A part on the command line: `2/4`, or `auto`.
enum ShardName: ExpressibleByArgument, Hashable {
  /// This part, counted from 0, of so many.
  case part(Int, of: Int)
  /// The part that the environment says.
  case environment

  init?(argument: String) {
    if argument == "auto" {
      self = .environment
      return
    }
    let numbers = argument.split(separator: "/", omittingEmptySubsequences: false)
      .compactMap { Int($0) }
    guard argument.filter({ $0 == "/" }).count == 1, numbers.count == 2,
      1...100_000 ~= numbers[1], 1...numbers[1] ~= numbers[0]
    else { return nil }
    self = .part(numbers[0] - 1, of: numbers[1])
  }
}

/// A time on the wall on the command line: RFC 3339 in UTC, or seconds since 1970.
struct WallTime: ExpressibleByArgument, Hashable {
  let timestamp: Timestamp

  init?(argument: String) {
    if let seconds = Double(argument), seconds >= 0, seconds < 1e11 {
      timestamp = Timestamp(millisecondsSinceEpoch: Int64((seconds * 1000).rounded()))
    } else if let timestamp = Timestamp(argument) {
      self.timestamp = timestamp
    } else {
      return nil
    }
  }
}

/// What job systems tell each of their processes.
enum ShardEnvironment {
  /// The variables of a number and of how many there are, in the order in which they are asked; array jobs
  /// last, because each of them may have several processes.
  private static let pairs = [
    ("JOB_COMPLETION_INDEX", "GAUNTLET_SHARD_COUNT"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"), ("SLURM_PROCID", "SLURM_NTASKS"),
    ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT"),
  ]

  static let namesInWords = pairs.map { "\($0.0) with \($0.1)" }.joined(separator: ", ")

  /// The part that the environment says; nil if it says nothing, an error if it makes no sense.
  static func shard(_ environment: [String: String]) -> Result<LoadShard, ValidationError>? {
    var alone: LoadShard?
    for (name, countName) in pairs {
      guard let number = environment[name] else { continue }
      guard let text = environment[countName] else {
        return .failure(ValidationError("--shard auto: \(name) is set, and \(countName) is not"))
      }
      // The indices of an array job may begin anywhere.
      let first = name.hasPrefix("SLURM_ARRAY") ? environment["SLURM_ARRAY_TASK_MIN"] ?? "0" : "0"
      guard let index = Int(number), let count = Int(text), let first = Int(first),
        1...100_000 ~= count, 0..<count ~= index - first
      else {
        return .failure(
          ValidationError("--shard auto: \(name)=\(number) is no part of \(countName)=\(text)"))
      }
      if count > 1 { return .success(LoadShard(index: index - first, of: count)) }
      alone = .whole
    }
    return alone.map { .success($0) }
  }
}
