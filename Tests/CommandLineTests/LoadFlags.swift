import ArgumentParser
import LoadTesting

@testable import gauntlet

/// The plan that flags of `gauntlet load` become.
func loadPlan(_ flags: [String]) throws -> LoadPlan {
  try LoadCommand.parse(["ws://127.0.0.1:9001"] + flags).plan()
}

/// The plan that flags of `gauntlet load` become.
func loadPlan(_ flags: String...) throws -> LoadPlan { try loadPlan(flags) }

/// Why flags of `gauntlet load` are refused; nil if they are not.
func loadProblem(_ flags: [String]) -> String? {
  do {
    _ = try LoadCommand.parse(["ws://127.0.0.1:9001"] + flags)
    return nil
  } catch {
    return LoadCommand.message(for: error)
  }
}

/// Why flags of `gauntlet load` are refused; nil if they are not.
func loadProblem(_ flags: String...) -> String? { loadProblem(flags) }
