import ArgumentParser
import FaultyTwins
import WebSocketProtocol

/// Which rule an endpoint is to break.
struct FaultOptions: ParsableArguments {
  @Option(
    name: .customLong("fault"),
    help: ArgumentHelp("Break exactly this rule; see --list-faults.", valueName: "NAME"))
  var name: String?

  @Flag(help: "List the rules that can be broken, with clause and area, and end.")
  var listFaults = false

  func check(_ side: Role) throws {
    guard let name, Fault.named(name, of: side) == nil else { return }
    let other = Fault.named(name, of: side.peer)
    throw ValidationError(
      other == nil
        ? "--fault \(name): there is no such fault; --list-faults lists them"
        : "--fault \(name): only a \(side.peer) can have it, see --list-faults")
  }

  /// The fault that is asked for; it was checked before.
  func fault(of side: Role) -> Fault? {
    name.flatMap { Fault.named($0, of: side) }
  }

  func list(_ side: Role) {
    for fault in Fault.all(of: side) {
      writeToStandardOutput(
        "\(fault.name)\t\(fault.clause)\t\(fault.area.rawValue)\t\(fault.sides.words)\t"
          + fault.sentence + "\n")
    }
  }
}

extension Set<Role> {
  /// The sides as words: `server`, `client`, or `both`.
  var words: String { count == 2 ? "both" : map { "\($0)" }.joined() }
}
