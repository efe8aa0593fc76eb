import ArgumentParser
import Conformance
import Glibc
import Synchronization
import Transport
import WebSocketProtocol

/// The modes that connect: echoclient, broadcastclient, testeeclient.
extension WstestCommand {
  /// Connects and sends back what it gets, until the server ends.
  func runEchoClient() async throws {
    let visit = try Visit()
    defer { visit.end() }
    printToStandardOutput("Connecting to \(place)")
    let ending = await visit.echo(at: try parsedURL(place), compresses: false)
    guard ending.wasOpen else { throw couldNotRun("\(place): \(ending.reason)") }
  }

  /// Says hello every two seconds and prints what comes, until the server ends.
  func runBroadcastClient() async throws {
    let url = try parsedURL(place)
    let visit = try Visit()
    defer { visit.end() }
    printToStandardOutput("Connecting to \(place)")
    let hello = "Hello from \(Self.hostName) - \(getpid())"
    let ending = await visit.connect(
      to: url, compresses: false, opened: { Self.sayHello(hello, on: $0) },
      received: { _, kind, payload in
        guard kind == .text else { return }
        let text = String(decoding: (0..<payload.count).map { payload[$0] }, as: UTF8.self)
        printToStandardOutput("received: \(text)")
      })
    guard ending.wasOpen else { throw couldNotRun("\(place): \(ending.reason)") }
  }

  private static func sayHello(_ text: String, on socket: WstestSocket) {
    guard socket.acceptsOutput else { return }
    socket.send(.text, text.utf8.span)
    socket.loop.schedule(after: .seconds(2)) { [weak socket] in
      if let socket { sayHello(text, on: socket) }
    }
  }

  private static var hostName: String {
    guard let octets = try? LoadFiles.read("/proc/sys/kernel/hostname") else { return "localhost" }
    return String(decoding: octets, as: UTF8.self).split(separator: "\n").first.map(String.init)
      ?? "localhost"
  }

  /// Plays all cases of a fuzzing server as an echo client with compression.
  func runTesteeClient() async throws {
    let base = place.hasSuffix("/") ? String(place.dropLast()) : place
    let agent = ClientCommand.percentEncoded(ident ?? "gauntlet")
    let visit = try Visit()
    defer { visit.end() }
    let text = Mutex("")
    let question = await visit.connect(
      to: try parsedURL("\(base)/getCaseCount"), compresses: true,
      received: { _, _, payload in
        let answer = String(decoding: (0..<payload.count).map { payload[$0] }, as: UTF8.self)
        text.withLock { $0 = answer }
      })
    guard let count = Int(text.withLock { $0 }), count > 0 else {
      throw couldNotRun(
        "\(base)/getCaseCount gave no number of cases: \(question.reason); "
          + "is it a fuzzing server?")
    }
    printToStandardOutput("Ok, will run \(count) cases")
    for number in 1...count {
      printToStandardOutput("Running test case \(number)/\(count)")
      let url = try parsedURL("\(base)/runCase?case=\(number)&agent=\(agent)")
      _ = await visit.echo(at: url, compresses: true)
    }
    let report = try parsedURL("\(base)/updateReports?agent=\(agent)")
    let ending = await visit.connect(to: report, compresses: true)
    guard ending.wasOpen else {
      throw couldNotRun("the reports could not be asked for: \(ending.reason)")
    }
  }
}

/// Connections one after the other, over a loop of their own.
struct Visit {
  /// How a connection ended.
  struct Ending: Sendable {
    var reason: String
    var wasOpen: Bool
  }

  private let group: EventLoopGroup

  init() throws {
    do {
      group = try EventLoopGroup(count: 1, name: "gauntlet-visit")
    } catch {
      throw couldNotRun("\(error)")
    }
  }

  /// Stops the loop.
  func end() { group.stop() }

  /// Connects, sends every message back, and returns when the connection has ended.
  func echo(at url: WebSocketURL, compresses: Bool) async -> Ending {
    await connect(to: url, compresses: compresses, received: { $0.send($1, $2) })
  }

  /// Connects, and returns when the connection has ended.
  func connect(
    to url: WebSocketURL, compresses: Bool,
    opened: @escaping @Sendable (WstestSocket) -> Void = { _ in },
    received: @escaping @Sendable (WstestSocket, MessageKind, Span<UInt8>) -> Void = { _, _, _ in }
  ) async -> Ending {
    let connector: Connector
    do {
      connector = try WstestSocket.connector(to: url)
    } catch {
      return Ending(reason: error.description, wasOpen: false)
    }
    let loop = group.loops[0]
    return await withCheckedContinuation { continuation in
      loop.execute {
        let callbacks = WstestSocket.Callbacks(
          opened: opened, received: received,
          ended: { continuation.resume(returning: Ending(reason: $0, wasOpen: $1)) })
        connector.connect(
          WstestSocket(url: url, compresses: compresses, loop: loop, callbacks: callbacks))
      }
    }
  }
}
