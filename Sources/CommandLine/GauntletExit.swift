import ArgumentParser

/// The exit codes of every verb; `gauntlet --help` documents them.
enum GauntletExit {
  /// All as required.
  static let success = ExitCode(0)
  /// A requirement was not met.
  static let requirementNotMet = ExitCode(1)
  /// Wrong use: an unknown flag, a broken case file, a value out of range.
  static let wrongUse = ExitCode(2)
  /// Could not run: host unreachable, port in use, folder not writable.
  static let couldNotRun = ExitCode(3)
  /// The numbers tell of the generator or its machine, and not of the server.
  static let invalid = ExitCode(4)
}
