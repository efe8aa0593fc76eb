import ArgumentParser

/// `gauntlet conform`: tests whether an endpoint keeps to the standards.
struct ConformCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conform",
    abstract: "Tests whether an endpoint keeps to the standards.",
    subcommands: [ConformServerCommand.self, ConformClientCommand.self])
}
