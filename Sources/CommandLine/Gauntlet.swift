import ArgumentParser
import Glibc

/// The command line: turns flags into calls, and results into exit codes.
@main
struct Gauntlet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gauntlet",
    abstract: "Puts WebSocket endpoints to the test.",
    discussion: """
      EXIT CODES
        0  all as required
        1  a requirement was not met
        2  wrong use: an unknown flag, a broken case file, a value out of range
        3  could not run: host unreachable, port in use, folder not writable
        4  load: the numbers tell of the generator and not of the server
      """,
    version: "gauntlet 0.1.0",
    subcommands: [
      ServeCommand.self, ConformCommand.self, LoadCommand.self, CapacityCommand.self,
      SweepCommand.self,
      CompareCommand.self, ABCommand.self, HistoryCommand.self, ReportCommand.self,
      CasesCommand.self, WstestCommand.self, EchoClientCommand.self, FaultsCommand.self,
      DoctorCommand.self,
      HashPasswordCommand.self,
    ])

  static func main() async {
    await main(nil)
  }

  /// The command that the arguments mean; a program that is called `wstest` is that command.
  private static func parse(_ arguments: [String]?) throws -> any ParsableCommand {
    let name = CommandLine.arguments.first?.split(separator: "/").last
    return try name == "wstest"
      ? WstestCommand.parseAsRoot(arguments) : parseAsRoot(arguments)
  }

  /// As ArgumentParser's own, but wrong use ends with 2 and not with sysexits' 64.
  static func main(_ arguments: [String]?) async {
    // Who reads our output may go before we do: what is to be written elsewhere is written all the same.
    signal(SIGPIPE, SIG_IGN)
    let ending: any Error
    do {
      var command = try parse(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      ending = GauntletExit.success
    } catch {
      ending = error
    }
    PassingOutput.removeAll()
    let code = exitCode(for: ending)
    if code == .validationFailure {
      for line in fullMessage(for: ending).split(separator: "\n", omittingEmptySubsequences: false)
      {
        printToStandardError(String(line))
      }
      exit(withError: GauntletExit.wrongUse)
    }
    if code == GauntletExit.success, let loss = LostOutput.first {
      exit(withError: loss.words.map { couldNotRun($0) } ?? GauntletExit.couldNotRun)
    }
    exit(withError: ending)
  }
}
