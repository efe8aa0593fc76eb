public import Transport
import WebSocketProtocol

/// A peer that we have started: its process, and where it listens.
public final class PeerProcess: Sendable {
  /// Its process.
  public let process: ChildProcess
  /// Where it is.
  public let url: String
  /// The free port that was found for it.
  public let port: UInt16

  private init(process: ChildProcess, url: String, port: UInt16) {
    self.process = process
    self.url = url
    self.port = port
  }

  /// Starts a peer and waits until it takes connections.
  ///
  /// Ready is whoever lets us connect: nothing is guessed from its output, and nobody sleeps longer
  /// than it takes.
  ///
  /// - Parameters:
  ///   - peer: A peer with a command.
  ///   - outputPath: The file for its output.
  ///   - limit: How long it may take.
  ///   - isCancelled: Ends the waiting.
  /// - Returns: The peer, ready.
  /// - Throws: `PeerError` if somebody else is there already, or if it cannot be started, ends, or is not ready in
  ///   time.
  public static func start(
    _ peer: Peer, outputPath: String, within limit: Duration,
    unless isCancelled: @Sendable () -> Bool = { false }
  ) async throws(PeerError) -> PeerProcess {
    let port: UInt16
    let process: ChildProcess
    let url: String
    let watch: Readiness
    do {
      port = try FreePort.find()
      url = peer.url.replacing("{port}", with: "\(port)")
      watch = try Readiness(of: url)
    } catch {
      throw PeerError(message: "\(error)")
    }
    defer { watch.end() }
    guard await !watch.connects() else {
      throw PeerError(
        message: "somebody takes connections at \(url) already, and would be tested in its place: "
          + "end that, or let {port} stand for a free port in URL and command")
    }
    do {
      process = try ChildProcess(
        command: (peer.command ?? "").replacing("{port}", with: "\(port)")
          .replacing("{url}", with: url),
        environment: ["PORT": "\(port)"], outputPath: outputPath)
    } catch {
      throw PeerError(message: "\(error)")
    }
    let started = PeerProcess(process: process, url: url, port: port)
    do throws(PeerError) {
      try await started.becomeReady(watch, within: limit, unless: isCancelled)
    } catch {
      await process.stop()
      throw error
    }
    return started
  }

  /// Ends it.
  public func stop() async { await process.stop() }

  /// The last lines of its output, harmless for a report.
  public func lastLines(_ count: Int = 20) -> [String] {
    process.lastLines(count).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The first connection that succeeds ends the waiting, and so does the process when it ends.
  private func becomeReady(
    _ watch: Readiness, within limit: Duration, unless isCancelled: () -> Bool
  ) async throws(PeerError) {
    let deadline = ContinuousClock.now + limit
    while true {
      if await watch.connects(), process.ending == nil { return }
      if let ending = await process.waitForEnd(within: .milliseconds(10)) {
        throw PeerError(
          message: "the peer \(ending) before it took a connection at \(url)", output: lastLines())
      }
      if isCancelled() { throw PeerError(message: "interrupted while the peer was starting") }
      guard ContinuousClock.now < deadline else {
        throw PeerError(
          message: "the peer takes no connection at \(url) within \(limit)", output: lastLines())
      }
    }
  }
}

/// Looks whether somebody takes connections at a place.
private struct Readiness {
  private let connector: Connector
  private let group: EventLoopGroup

  /// Watches the place of a URL.
  init(of url: String) throws {
    let place = try WebSocketURL(url)
    let endpoint: Endpoint =
      if let path = place.socketPath {
        .address(try SocketAddress(parsing: "unix:\(path)"))
      } else {
        .host(place.host, port: UInt16(clamping: place.port))
      }
    var options = Connector.Options()
    options.timeout = .seconds(1)
    connector = Connector(to: endpoint, options: options)
    group = try EventLoopGroup(count: 1, name: "gauntlet-ready")
  }

  /// Whether a connection is taken now.
  func connects() async -> Bool {
    let loop = group.loops[0]
    return await withCheckedContinuation { continuation in
      loop.execute {
        connector.connect(ReadinessSocket(loop: loop) { continuation.resume(returning: $0) })
      }
    }
  }

  func end() { group.stop() }
}

/// A connection that is made to see whether it can be made.
private final class ReadinessSocket: StreamSocket {
  private var completion: ((Bool) -> Void)?

  init(loop: EventLoop, completion: @escaping (Bool) -> Void) {
    self.completion = completion
    super.init(loop: loop)
  }

  override func connected(_ timings: ConnectTimings) {
    completion?(true)
    completion = nil
    close(linger: .zero)
  }

  override func closed(_ reason: CloseReason) {
    completion?(false)
    completion = nil
  }
}

/// Why a peer that we start cannot be tested.
public struct PeerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line.
  public var message: String
  /// The last lines of the peer's output.
  public var output: [String] = []
  /// One line for people.
  public var description: String { message }
}
