import ArgumentParser
import Reports

/// `gauntlet compare`: says what became of verdicts and measurements between runs.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares runs: which verdicts changed, and what became slower or faster.",
    discussion: """
      BASE and HEAD are each a run.json, a folder with one, or a folder of runs, as \
      'gauntlet load --repeat 10 --out DIR' leaves it; --base and --head name several.

      Conformance: a case is a regression if it stops head's gate and did not stop base's. Failures \
      that head's --expect file knows are none.

      Load: each run gives one value for each metric. A metric is better or worse if the values of \
      both sides differ by more than chance explains (Mann-Whitney U, corrected for the number of \
      metrics by Holm's method) and their medians by more than --min-effect. Otherwise it is no \
      change. The interval of the change comes from 4,000 bootstrap draws. With too few runs nothing \
      is judged: five or six on each side are the least. Ten find a change of 10 % where runs of one \
      build differ by up to 4 % (standard deviation); noisier ones take more or longer runs.

      EXIT CODES
        0  no regression
        1  a regression
        2  wrong use: no run, a broken one, runs that cannot be compared (--force compares the \
      forcible ones)
        3  could not run: a file cannot be read or written, or there are too few runs for a verdict
      """)

  @Argument(help: ArgumentHelp("The run or runs from before.", valueName: "BASE"))
  var before: String?

  @Argument(help: ArgumentHelp("The run or runs with the change.", valueName: "HEAD"))
  var after: String?

  @Option(
    help: ArgumentHelp(
      "A run or folder of base, instead of BASE; may be given again.", valueName: "RUN"))
  var base: [String] = []

  @Option(
    help: ArgumentHelp(
      "A run or folder of head, instead of HEAD; may be given again.", valueName: "RUN"))
  var head: [String] = []

  @OptionGroup var options: ComparisonOptions

  @Option(help: ArgumentHelp("What the bootstrap's draws begin from.", valueName: "NUMBER"))
  var seed: UInt64 = 1

  @Flag(
    help: "Compare runs of other scenarios or machines, or that did not end; what differs is told.")
  var force = false

  func validate() throws {
    let isNamed = !base.isEmpty && !head.isEmpty && before == nil
    let isPlaced = before != nil && after != nil && base.isEmpty && head.isEmpty
    guard isNamed || isPlaced else {
      throw ValidationError("Name two sides: BASE HEAD, or --base RUN … --head RUN …")
    }
  }

  func run() throws {
    let (before, after) = (
      try runs(base + [before].compactMap { $0 }), try runs(head + [after].compactMap { $0 })
    )
    var rules = options.rules
    rules.seed = seed
    rules.isForced = force
    let comparison: RunComparison
    do throws(ComparisonError) {
      comparison = try RunComparison(base: before, head: after, rules: rules)
    } catch {
      throw wrongUse(error.canBeForced ? "\(error) (--force compares them)" : "\(error)")
    }
    throw try options.report(comparison)
  }

  private func runs(_ paths: [String]) throws -> [Run] {
    var runs: [Run] = []
    for path in paths {
      do throws(RunFileError) {
        runs += try RunFile.readAll(path)
      } catch {
        if case .unreadable = error { throw couldNotRun("\(error)") }
        throw wrongUse("\(error)")
      }
      // Parts played at the same time are no repetitions of each other.
      guard !runs.contains(where: \.isPart) else {
        throw wrongUse(
          "\(path) is a part of a run: make one run of all its parts with gauntlet report merge")
      }
    }
    return runs
  }
}
