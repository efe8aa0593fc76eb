import Synchronization
public import Transport
import WebSocketProtocol

/// A listening twin: an echo server that breaks at most one rule.
public final class TwinServer: Sendable {
  private let group: EventLoopGroup
  private let listeners: [Listener]
  private let sockets: LoopBound<SocketSet>

  /// Where it listens, with the ports that the system has chosen.
  public var addresses: [SocketAddress] { listeners.map(\.localAddress) }

  /// Listens at all of `addresses`.
  ///
  /// - Parameters:
  ///   - fault: The broken rule; nil: none, an honest server.
  ///   - addresses: Where to listen, each with its TLS context or nil.
  /// - Throws: if an address cannot be listened at.
  public init(
    _ fault: Fault?, at addresses: [(SocketAddress, TLSContext?)]
  ) throws(TransportError) {
    group = try EventLoopGroup(count: 1, name: "gauntlet-twin")
    let loop = group.loops[0]
    let keys = LoopBound(MaskingKeySource.random(), on: loop)
    let sockets = LoopBound(SocketSet(), on: loop)
    self.sockets = sockets
    var listeners: [Listener] = []
    for (address, tls) in addresses {
      var options = Listener.Options()
      options.tls = tls
      let listener: Listener
      do {
        listener = try Listener(loop: loop, address: address, options: options) { accepted in
          let socket = TwinSocket(
            Twin(server: fault, keys: keys.value, at: accepted.loop.now), loop: accepted.loop)
          sockets.value.insert(socket)
          return socket
        }
      } catch {
        group.stop()
        throw error
      }
      listeners.append(listener)
    }
    self.listeners = listeners
  }

  /// Stops listening and ends all connections at once.
  public func stop() {
    for listener in listeners { listener.close() }
    group.stop()
  }

  /// Stops listening, and sends Close 1001 to every client.
  public func goAway() {
    for listener in listeners { listener.close() }
    let sockets = sockets
    group.loops[0].execute { sockets.value.forEach { $0.goAway() } }
  }
}

/// The sockets of a server that are still there.
private final class SocketSet {
  private struct Entry { weak var socket: TwinSocket? }

  private var entries: [Entry] = []
  private var limit = 64

  func insert(_ socket: TwinSocket) {
    entries.append(Entry(socket: socket))
    guard entries.count > limit else { return }
    entries.removeAll { $0.socket == nil }
    limit = max(64, entries.count * 2)
  }

  func forEach(_ body: (TwinSocket) -> Void) {
    for entry in entries { if let socket = entry.socket { body(socket) } }
  }
}

extension MaskingKeySource {
  /// A source of keys from the system's randomness.
  static func random() -> MaskingKeySource {
    MaskingKeySource { words in
      var generator = SystemRandomNumberGenerator()
      for index in words.indices { words[index] = generator.next() }
    }
  }
}
