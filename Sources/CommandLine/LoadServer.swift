import Conformance
import LoadTesting
import Transport

/// The server that `gauntlet load --exec` starts.
struct LoadServer {
  private let process: PeerProcess

  /// Starts it, and waits until it takes connections.
  static func start(
    _ command: String, url: String, within limit: Duration, outputPath: String,
    _ session: LoadSession
  ) async throws -> LoadServer {
    do throws(PeerError) {
      let process = try await PeerProcess.start(
        Peer(name: "server", url: url, command: command), outputPath: outputPath, within: limit,
        unless: { session.isInterrupted })
      session.beforeEnding { process.process.killAtOnce() }
      return LoadServer(process: process)
    } catch {
      throw couldNotRun("the server: \(error)", output: error.output)
    }
  }

  /// Puts the load on it, and watches it.
  func apply(to test: inout LoadTest) {
    for index in test.groups.indices {
      let url = test.groups[index].plan.url
      test.groups[index].plan.url = url.replacing("{port}", with: "\(process.port)")
    }
    test.observedProcess = process.process.identifier
    test.observesGroup = true
  }

  /// Ends it; that it has ended before is told, with the last it said.
  func stop() async {
    if let ending = process.process.ending {
      printToStandardError("gauntlet: the server \(ending) before the run was over")
      for line in process.lastLines(5) { printToStandardError("  | \(line)") }
    }
    await process.stop()
  }
}
