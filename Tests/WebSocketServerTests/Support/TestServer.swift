import Synchronization
import Testing
import Transport
import WebSocketProtocol

@testable import WebSocketServer

/// Runs `body` with a server on loopback, and ends the server.
func withServer(
  _ handler: HandlerFactory = .echo,
  configure: (inout ServerConfiguration) -> Void = { _ in },
  observer: (@Sendable (ServerEvent) -> Void)? = nil,
  _ body: (WebSocketServer, SocketAddress) async throws -> Void
) async throws {
  var configuration = ServerConfiguration(
    listeners: [ListenerConfiguration(address: .loopback(port: 0))])
  configuration.loopCount = 1
  // Tests may share the machine with much else.
  configuration.timeouts.openingHandshake = .seconds(50)
  configure(&configuration)
  let server = WebSocketServer(
    configuration: configuration, handler: handler, observer: observer)
  try server.start()
  do {
    try await body(server, try #require(server.addresses.first))
  } catch {
    await server.abort()
    throw error
  }
  await server.abort()
}

extension WebSocketServer {
  /// Calls `body` with each connection of the first loop, there.
  func ofEachConnection<Result: Sendable>(
    _ body: @escaping @Sendable (ServerConnection) -> Result
  ) async throws -> [Result] {
    let share = try #require(currentRun?.loops.first)
    return await withCheckedContinuation { continuation in
      share.execute { loop in
        var results: [Result] = []
        loop.forEach { results.append(body($0)) }
        continuation.resume(returning: results)
      }
    }
  }
}

/// Collects what happens on loops, for tests that wait for it.
final class Record<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  func append(_ element: Element) { elements.withLock { $0.append(element) } }

  var all: [Element] { elements.withLock { $0 } }

  /// Waits until an element satisfies `condition`.
  func first(where condition: @Sendable (Element) -> Bool) async throws -> Element {
    while true {
      if let found = all.first(where: condition) { return found }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

extension HandlerFactory {
  /// Echo from a task.
  static var asynchronousEcho: HandlerFactory {
    .asynchronous { connection in
      for try await message in connection.messages {
        try await connection.send(message)
      }
    }
  }
}

/// Both ways to handle a connection, for tests that must hold for either.
enum HandlerStyle: CaseIterable, Sendable {
  case synchronous, asynchronous

  var echo: HandlerFactory { self == .synchronous ? .echo : .asynchronousEcho }
}

extension [UInt8] {
  /// Octets that do not compress and are no UTF-8, the same for the same count.
  static func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
  }
}
