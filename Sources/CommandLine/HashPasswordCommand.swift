import ArgumentParser
import WebSocketServer

/// `gauntlet hash-password`: the line of a user for `gauntlet serve --users`.
struct HashPasswordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash-password",
    abstract: "Prints the line of a user for `serve --users`; reads the password from its input.")

  @Argument(help: "The user's name.")
  var name: String

  @Option(help: ArgumentHelp("What the user may do, joined by commas.", valueName: "SCOPES"))
  var scopes: String?

  @Flag(help: "Use PBKDF2 instead of scrypt.")
  var pbkdf2 = false

  func validate() throws {
    guard !name.isEmpty, !name.contains(":"), !name.hasPrefix("#") else {
      throw ValidationError("\(name.debugDescription): a name has no colon and begins without #")
    }
  }

  func run() throws {
    guard let password = readLine(), !password.isEmpty else {
      throw couldNotRun("there is no password on the standard input")
    }
    let hash = PasswordHash(
      hashing: password, method: pbkdf2 ? .pbkdf2(iterationCount: 600_000) : .standard)
    printToStandardOutput("\(name):\(hash)" + (scopes.map { ":\($0)" } ?? ""))
  }
}
