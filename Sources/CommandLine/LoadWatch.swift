import LoadTesting
import WebSocketServer

/// Who hears how runs stand besides the terminal: a file of JSON Lines, and monitoring systems.
struct LoadWatch: Sendable {
  private let lines: LineFile?
  private let metrics: LoadMetrics?
  private let server: WebSocketServer?

  init(_ options: LoadWatchOptions) throws {
    lines = try options.jsonl.map { path in
      guard let file = LineFile(path: path) else {
        throw couldNotRun("cannot write \(path): name a file that can be written with --jsonl")
      }
      return file
    }
    if let address = options.metricsListen {
      let metrics = LoadMetrics()
      server = try metrics.listen(on: address)
      self.metrics = metrics
    } else {
      (metrics, server) = (nil, nil)
    }
  }

  /// Takes one second's progress.
  func note(_ progress: LoadProgress) {
    metrics?.note(progress)
    if let lines, let line = LoadLines.line(progress) { lines.add(line) }
  }

  /// Ends what was begun.
  func end() async { await server?.shutdown(within: .milliseconds(200)) }
}
