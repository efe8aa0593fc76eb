import Glibc
import Synchronization
import Testing

@testable import Transport

@Suite("Listeners")
struct ListenerTests {
  @Test func `several loops share one port, and all accept`() async throws {
    try await withLoops(3) { group in
      let shared = Counter()
      let listeners = try Listener.listen(
        on: Array(group.loops.prefix(2)), at: .loopback(port: 0)
      ) {
        shared.add($0.loop.name)
        return EchoSocket(loop: $0.loop)
      }
      #expect(Set(listeners.map(\.localAddress)).count == 1)
      let connector = Connector(to: .address(listeners[0].localAddress))
      var logs: [SocketLog] = []
      for _ in 0..<64 { logs.append(connect(on: group.loops[2], connector)) }
      for log in logs { try await log.wait(for: "the connection") { $0.timings != nil } }
      try await shared.wait(total: 64)
      #expect(shared.names.count == 2)
    }
  }

  @Test func `a port in use is an error, also for sharing loops`() async throws {
    try await withLoops(2) { group in
      let first = try Listener.listen(on: group.loops, at: .loopback(port: 0)) { _ in nil }
      #expect {
        try Listener.listen(on: group.loops, at: first[0].localAddress) { _ in nil }
      } throws: {
        ($0 as? TransportError)?.kind == .addressInUse
      }
    }
  }

  @Test func `the wildcard of IPv6 takes IPv4 unless told otherwise`() async throws {
    try await withLoops { group in
      let loop = group.loops[0]
      let dual = try Listener(loop: loop, address: .ipv6(0, port: 0)) { EchoSocket(loop: $0.loop) }
      let port = try #require(dual.localAddress.port)
      let log = connect(on: loop, Connector(to: .address(.loopback(port: port))))
      try await log.wait(for: "the connection") { $0.timings != nil }
      var options = Listener.Options()
      options.isIPv6Only = true
      // The port is then free for IPv4, unless something else of the machine happens to hold it.
      let isFree = (1...5).contains { _ in
        guard
          let only = try? Listener(
            loop: loop, address: .ipv6(0, port: 0), options: options, makeSocket: { _ in nil }),
          let port = only.localAddress.port
        else { return false }
        return withExtendedLifetime(only) {
          (try? Listener(loop: loop, address: .loopback(port: port)) { _ in nil }) != nil
        }
      }
      #expect(isFree)
      #expect(throws: TransportError.self) {
        try Listener(loop: loop, address: .loopback(port: port)) { _ in nil }
      }
    }
  }

  @Test func `a stale socket file is replaced, a live one is not`() async throws {
    let address = SocketAddress.unix(path: "/tmp/gauntlet-stale-\(getpid()).socket")
    let dead = Descriptors.streamSocket(AF_UNIX)
    #expect(Descriptors.bind(dead, to: address) == 0)
    _ = Glibc.close(dead)
    try await withLoops { group in
      let loop = group.loops[0]
      let listener = try Listener(loop: loop, address: address) { EchoSocket(loop: $0.loop) }
      #expect(throws: TransportError.self) {
        try Listener(loop: loop, address: address) { _ in nil }
      }
      let log = connect(on: loop, Connector(to: .address(address)))
      try await log.wait(for: "the connection") { $0.timings != nil }
      listener.close()
    }
    let isGone = unsafe access(address.host, F_OK) != 0
    #expect(isGone)
  }

  @Test func `a socket that is not wanted is refused`() async throws {
    try await withLoops { group in
      let listener = try Listener(loop: group.loops[0], address: .loopback(port: 0)) { _ in nil }
      let log = connect(on: group.loops[0], Connector(to: .address(listener.localAddress)))
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      #expect(log.now.received.isEmpty)
    }
  }

  @Test func `without descriptors, connections are refused, and later ones served`() async {
    await #expect(processExitsWith: .success) {
      let group = try EventLoopGroup(count: 1)
      let loop = group.loops[0]
      let errors = Counter()
      let listener = try Listener(
        loop: loop, address: .loopback(port: 0),
        onError: { errors.add("\($0.kind)") },
        makeSocket: { EchoSocket(loop: $0.loop) })
      // Clients first, so that only accepting lacks descriptors.
      var clients: [Int32] = []
      for _ in 0..<8 { clients.append(Descriptors.streamSocket(AF_INET)) }
      let previous = limitDescriptors(to: Descriptors.reserve())
      for client in clients { _ = Descriptors.connect(client, to: listener.localAddress) }
      // Task.sleep would need a descriptor.
      while errors.names.isEmpty { usleep(1000) }
      guard errors.names == ["noDescriptors"] else { exit(1) }
      _ = limitDescriptors(to: previous)
      let log = connect(on: loop, Connector(to: .address(listener.localAddress)))
      try await log.wait(for: "the connection") { $0.timings != nil }
      group.stop()
      exit(0)
    }
  }

  @Test func `nothing is left open when all has stopped`() async {
    await #expect(processExitsWith: .success) {
      var before = 0
      for round in 0..<11 {
        if round == 1 { before = openDescriptors() }
        let group = try EventLoopGroup(count: 2)
        let tls = try TLSContext.selfSigned(hostNames: ["localhost"])
        var options = Listener.Options()
        options.tls = tls
        let listeners = try Listener.listen(
          on: group.loops, at: .loopback(port: 0), options: options
        ) { EchoSocket(loop: $0.loop) }
        var client = TLSClientOptions()
        client.verifiesPeer = false
        var connecting = Connector.Options()
        connecting.tls = try TLSContext(client: client)
        let connector = Connector(to: .address(listeners[0].localAddress), options: connecting)
        var logs: [SocketLog] = []
        for index in 0..<10 { logs.append(connect(on: group.loops[index % 2], connector)) }
        for log in logs { try await log.wait(for: "the connection") { $0.timings != nil } }
        group.stop()
        for log in logs where log.now.closed.count != 1 { exit(2) }
      }
      // The run-time opens a few for itself, when it likes; ten rounds of ours would be many.
      exit(openDescriptors() < before + 8 ? 0 : 1)
    }
  }
}

/// How many descriptors the process has open.
private func openDescriptors() -> Int {
  (0..<1024).count { fcntl($0, F_GETFD) != -1 }
}

/// Allows descriptors below `count` only; what was allowed before.
private func limitDescriptors(to count: Int32) -> Int32 {
  let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  var limits = rlimit()
  guard unsafe getrlimit(resource, &limits) == 0 else { return -1 }
  let previous = Int32(clamping: limits.rlim_cur)
  limits.rlim_cur = rlim_t(count)
  return unsafe setrlimit(resource, &limits) == 0 ? previous : -1
}

/// Counts by name, on any thread.
private final class Counter: Sendable {
  private let content = Mutex<[String: Int]>([:])

  var names: Set<String> { content.withLock { Set($0.keys) } }

  func add(_ name: String) { content.withLock { $0[name, default: 0] += 1 } }

  func wait(total: Int) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while content.withLock({ $0.values.reduce(0, +) }) < total {
      try #require(ContinuousClock.now < end)
      try await Task.sleep(for: .milliseconds(2))
    }
  }
}
