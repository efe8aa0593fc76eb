import Dispatch
import FoundationEssentials
import Glibc

/// SIGTERM and SIGINT as a stream; from its making on they no longer end the process by themselves.
final class TerminationSignals {
  /// One element for each signal.
  let stream: AsyncStream<Void>
  private let sources: [any DispatchSourceSignal]

  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    self.stream = stream
    sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield() }
      source.resume()
      return source
    }
  }
}

/// The file that tells scripts where the server listens.
enum ReadyFile {
  /// Writes the URLs, one per line, so that no reader ever sees a part.
  static func write(_ urls: [String], to path: String) throws {
    let text = urls.map { $0 + "\n" }.joined()
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }

  static func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }
}
