import ArgumentParser
import Conformance
import FoundationEssentials

/// Which servers are tested, and which of them we start.
struct PeerOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      Where the server is: ws:// or wss://. With --exec it may have {port}, and may be left out: \
      ws://127.0.0.1:{port}/.
      """, valueName: "url"))
  var address: String?

  @Option(
    help: ArgumentHelp(
      """
      Start the server: a shell command. {port} stands for a free port, which is in $PORT too. \
      It is ready when it takes connections, and is ended with its whole process group.
      """, valueName: "COMMAND"))
  var exec: String?

  @Option(
    help: ArgumentHelp(
      """
      One of several servers that are tested one after the other, for one report: \
      'NAME = [URL] [COMMAND]'; may be given again.
      """, valueName: "PEER"))
  var peer: [String] = []

  @Option(
    help: ArgumentHelp("A file with such a line for each server.", valueName: "FILE"))
  var peers: String?

  @Option(
    help: ArgumentHelp(
      "The server's name in the reports (default: its Server field, or else its host).",
      valueName: "NAME"))
  var agent: String?

  @Option(
    help: ArgumentHelp(
      """
      The server's process, so that its memory and descriptors are watched while hostile cases \
      play; of a server that --exec starts it is known.
      """, valueName: "PID"))
  var pid: Int32?

  @Option(
    help: ArgumentHelp(
      "How long a server that is started may take until it is ready (default: 30s).",
      valueName: "TIME"))
  var readyTimeout: TimeSpan?

  func validate() throws {
    if let pid { try checkProcess(pid) }
    let hasMany = !peer.isEmpty || peers != nil
    if hasMany, address != nil || exec != nil || agent != nil {
      throw ValidationError("Name a server by URL and --exec, or several by --peer and --peers.")
    }
    if !hasMany, address == nil, exec == nil {
      throw ValidationError("Name a server: a URL, --exec COMMAND, or --peer 'NAME = URL'.")
    }
    if exec == nil, address?.contains("{port}") == true {
      throw ValidationError("{port} in the URL is for --exec.")
    }
    guard hasMany || exec != nil || readyTimeout == nil else {
      throw ValidationError("--ready-timeout is for a server that --exec starts: leave it out")
    }
    try Self.checkPort(command: exec, urls: [address ?? Peer.usualURL])
  }

  /// Refuses a server that is told of a free port, and looked for at another.
  static func checkPort(command: String?, urls: [String]) throws {
    guard command?.contains("{port}") == true, !urls.contains(where: { $0.contains("{port}") })
    else { return }
    throw ValidationError(
      "--exec has {port} and the URL has not: write ws://127.0.0.1:{port}/, or the port in both")
  }

  /// The servers, in their order.
  func all() throws -> [Peer] {
    do {
      var all: [Peer] = []
      if let peers {
        guard let contents = FileManager.default.contents(atPath: peers) else {
          throw wrongUse("cannot read \(peers): name a file of peers with --peers")
        }
        all = try Peer.parse(file: [UInt8](contents), path: peers)
      }
      for text in peer { all.append(try Peer(parsing: text)) }
      if all.isEmpty {
        all = [Peer(name: agent, url: address ?? Peer.usualURL, command: exec)]
      }
      let names = all.compactMap(\.name)
      guard Set(names).count == names.count else {
        throw wrongUse("two peers have the same name; each needs one of its own")
      }
      return all
    } catch let error as PeerSyntaxError {
      throw wrongUse(error.message)
    }
  }
}
