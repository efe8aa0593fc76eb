import Foundation
import Glibc
import Synchronization
import Testing

@testable import Transport

@Suite("Event loops")
struct EventLoopTests {
  @Test func `a thread that nobody joins leaves nothing behind`() async throws {
    func mappedMebibytes() throws -> Int {
      let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
        separator: " ")
      return (Int(pages[0]) ?? 0) >> 8
    }
    let before = try mappedMebibytes()
    for _ in 0..<500 {
      let loop = try EventLoop(name: "test-detached")
      try loop.start()
      loop.stop()
      loop.detach()
    }
    // Their stacks alone would be 4,000 MiB.
    let end = ContinuousClock.now + .seconds(30)
    while try mappedMebibytes() - before > 2500, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try mappedMebibytes() - before <= 2500)
  }

  @Test func `work from many threads is run once each, in each thread's order`() async throws {
    try await withLoops { group in
      let loop = group.loops[0]
      let log = Numbers()
      await withTaskGroup(of: Void.self) { tasks in
        for sender in 0..<8 {
          tasks.addTask {
            for number in 0..<10_000 { loop.execute { log.add(sender, number) } }
          }
        }
      }
      try await log.wait(count: 80_000)
      for sender in 0..<8 { #expect(log.of(sender) == Array(0..<10_000)) }
    }
  }

  @Test func `timers fire in order and never early`() async throws {
    try await withLoops { group in
      let loop = group.loops[0]
      let log = Numbers()
      loop.execute {
        let start = ContinuousClock.now
        for (number, milliseconds) in [40, 5, 20, 5, 1].enumerated() {
          let due = start + .milliseconds(milliseconds)
          loop.schedule(at: due) {
            log.add(ContinuousClock.now >= due - .microseconds(1) ? 0 : 1, number)
          }
        }
        let cancelled = loop.schedule(at: start + .milliseconds(10)) { log.add(1, 99) }
        loop.cancel(cancelled)
      }
      try await log.wait(count: 5)
      #expect(log.of(0) == [4, 1, 3, 2, 0])
      #expect(log.of(1).isEmpty)
    }
  }

  @Test func `timers come, whatever was set before and taken back`() async throws {
    try await withLoops { group in
      let loop = group.loops[0]
      let log = Numbers()
      loop.execute {
        let takenBack = loop.schedule(after: .milliseconds(60)) { log.add(1, 0) }
        loop.schedule(after: .milliseconds(120)) {
          log.add(0, 2)
          loop.schedule(after: .milliseconds(30)) { log.add(0, 3) }
        }
        loop.schedule(after: .milliseconds(15)) {
          loop.cancel(takenBack)
          loop.schedule(after: .milliseconds(20)) { log.add(0, 1) }
        }
      }
      try await log.wait(count: 3)
      #expect(log.of(0) == [1, 2, 3])
      #expect(log.of(1).isEmpty)
    }
  }

  @Test func `a loop in real time runs before others, or says what it lacks`() async throws {
    let loop = try EventLoop(isRealTime: true)
    do throws(TransportError) {
      try loop.start()
    } catch {
      #expect(error.kind == .permissionDenied)
      #expect("\(error)".contains("in real time, which root or CAP_SYS_NICE may: "))
      return
    }
    defer {
      loop.stop()
      loop.join()
    }
    let log = Numbers()
    loop.execute {
      // The policy, without the flag that keeps it to this thread.
      log.add(0, Int(sched_getscheduler(0)) & 0xFF)
      let child = try? LoopThread.spawn(name: "test-child", attempt: "start a thread") {
        log.add(1, Int(sched_getscheduler(0)))
      }
      if let child { pthread_join(child, nil) }
    }
    try await log.wait(count: 2)
    #expect(log.of(0) == [Int(SCHED_FIFO)])
    #expect(log.of(1) == [Int(SCHED_OTHER)], "threads that it makes are ordinary ones")
  }

  @Test func `a loop that polls busily hears all the same, and knows how long it polled`()
    async throws
  {
    let loop = try EventLoop(busyPolling: .milliseconds(5))
    try loop.start()
    defer {
      loop.stop()
      loop.join()
    }
    let log = Numbers()
    loop.execute {
      let start = ContinuousClock.now
      // Within one time of polling, and after the loop has gone to sleep.
      for (number, milliseconds) in [2, 40].enumerated() {
        let due = start + .milliseconds(milliseconds)
        loop.schedule(at: due) {
          log.add(ContinuousClock.now >= due - .microseconds(1) ? 0 : 1, number)
        }
      }
    }
    try await log.wait(count: 2)
    #expect(log.of(0) == [0, 1])
    loop.execute { log.add(2, Int(loop.polledNanoseconds)) }
    try await log.wait(count: 3)
    let polled = try #require(log.of(2).first)
    #expect(polled >= 5_000_000)
  }

  @Test func `a loop that polls busily is awake before a timer is due`() async throws {
    let loop = try EventLoop(busyPolling: .milliseconds(150))
    try loop.start()
    defer {
      loop.stop()
      loop.join()
    }
    // It polls for 150 ms, sleeps, and polls the last 150 ms; a busy machine may hold it up now and then.
    for attempt in 1...5 {
      let log = Numbers()
      loop.execute {
        let before = loop.polledNanoseconds
        loop.schedule(after: .milliseconds(450)) {
          log.add(0, Int(loop.polledNanoseconds - before))
        }
      }
      try await log.wait(count: 1)
      let polled = try #require(log.of(0).first)
      if (225_000_000..<400_000_000).contains(polled) { return }
      try #require(attempt < 5, "it polled for \(polled) of 450,000,000 ns")
    }
  }

  @Test func `what lies in the queues of sockets is known, of many by asking some`() async throws {
    try await withLoops { group in
      let loop = group.loops[0]
      let log = SocketLog()
      let found = Numbers()
      var ends: [Int32] = [-1, -1]
      #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      let (ours, theirs) = (ends[0], ends[1])
      defer { close(theirs) }
      #expect(unsafe write(theirs, "hello", 5) == 5)
      loop.execute {
        let socket = ScriptSocket(loop: loop, log: log)
        socket.pauseReading()
        try? socket.attach(descriptor: ours)
        #expect(SocketQueues(of: [socket]).unread == 5)
        #expect(SocketQueues(of: [socket, ScriptSocket(loop: loop, log: log)]).unread == 5)
        #expect(SocketQueues(of: [socket, socket, socket], asking: 1).unread == 15)
        #expect(SocketQueues(of: []) == SocketQueues())
        // More than the kernel takes: the rest waits with us.
        let much = [UInt8](repeating: 1, count: 4 << 20)
        socket.write(much.span)
        found.add(0, SocketQueues(of: [socket]).unacknowledged)
      }
      try await found.wait(count: 1)
      #expect(found.of(0)[0] >= 4 << 20)
    }
  }

  @Test func `a closed descriptor leaves the loop though somebody holds a copy`() async throws {
    try await withLoops(2) { group in
      let loop = group.loops[0]
      let log = SocketLog()
      var ends: [Int32] = [-1, -1]
      #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      let (ours, theirs) = (ends[0], ends[1])
      let copy = dup(ours)
      defer { for descriptor in [copy, theirs] { close(descriptor) } }
      loop.execute {
        let socket = ScriptSocket(loop: loop, log: log)
        try? socket.attach(descriptor: ours)
        socket.abort()
      }
      try await log.wait(for: "the end") { !$0.closed.isEmpty }
      // The loops of a Unix listener hold copies of one descriptor.
      let path = SocketAddress.unix(path: "@gauntlet-copies-\(getpid())")
      let listeners = try Listener.listen(on: group.loops, at: path) { _ in nil }
      let done = Numbers()
      loop.execute {
        listeners[0].close()
        done.add(0, registrations(of: loop))
      }
      try await done.wait(count: 1)
      #expect(done.of(0) == [2], "only the loop's own wake-up and alarm are left")
    }
  }

  @Test func `a socket's deadline can be put off, brought forward and dropped`() async throws {
    try await withLoops { group in
      let loop = group.loops[0]
      let listener = try Listener(loop: loop, address: .loopback(port: 0)) {
        EchoSocket(loop: $0.loop)
      }
      let connector = Connector(to: .address(listener.localAddress))
      let start = ContinuousClock.now
      let putOff = connect(on: loop, connector) { socket in
        socket.onConnected = {
          $0.deadline = start + .milliseconds(20)
          $0.deadline = start + .milliseconds(300)
        }
      }
      let forward = connect(on: loop, connector) { socket in
        socket.onConnected = {
          $0.deadline = start + .seconds(3000)
          $0.deadline = start + .milliseconds(50)
        }
        socket.onDeadline = { $0.abort() }
      }
      let dropped = connect(on: loop, connector) { socket in
        socket.onConnected = {
          $0.deadline = start + .milliseconds(50)
          $0.deadline = nil
        }
      }
      try await forward.wait(for: "the near deadline") { !$0.closed.isEmpty }
      try await putOff.wait(for: "the deadline") { $0.deadlineCount == 1 }
      #expect(ContinuousClock.now - start >= .milliseconds(299))
      #expect(forward.now.deadlineCount == 1)
      #expect(dropped.now.deadlineCount == 0)
    }
  }

  @Test func `stopping closes everything`() async throws {
    let log = SocketLog()
    let serverLog = SocketLog()
    let group = try EventLoopGroup(count: 2)
    let loop = group.loops[1]
    let listener = try Listener(loop: group.loops[0], address: .loopback(port: 0)) {
      ScriptSocket(loop: $0.loop, log: serverLog)
    }
    let connector = Connector(to: .address(listener.localAddress))
    loop.execute { connector.connect(ScriptSocket(loop: loop, log: log)) }
    try await log.wait(for: "the connection") { $0.timings != nil }
    try await serverLog.wait(for: "the connection") { $0.timings != nil }
    group.stop()
    #expect(log.now.closed.count == 1)
    #expect(serverLog.now.closed.count == 1)
    // What comes later is dropped, and does no harm.
    loop.execute { Issue.record("ran after the end") }
    listener.close()
  }

  @Test func `loop time and instants agree`() {
    let origin = ClockOrigin()
    for nanoseconds in [0, 1, 999, 1_000_000, 60_000_000_000, 86_400_000_000_000_000] as [Int64] {
      let instant = origin.instant + .nanoseconds(nanoseconds)
      let time = LoopTime(instant, since: origin)
      let difference = instant - time.instant(since: origin)
      #expect(difference >= .zero && difference < .nanoseconds(2))
      let back = time.nanoseconds(since: LoopTime(units: 0))
      #expect(abs(back - nanoseconds) <= 2 + nanoseconds >> 40)
    }
  }

  /// How many descriptors the loop's epoll watches, as the kernel tells it; -1 if it does not.
  private func registrations(of loop: EventLoop) -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/fdinfo/\(loop.epoll)", encoding: .utf8)
    else { return -1 }
    return text.split(separator: "\n").count { $0.hasPrefix("tfd:") }
  }

  /// What the loop has noted, by sender.
  private final class Numbers: Sendable {
    private let content = Mutex<[Int: [Int]]>([:])

    func add(_ sender: Int, _ number: Int) {
      content.withLock { $0[sender, default: []].append(number) }
    }

    func of(_ sender: Int) -> [Int] { content.withLock { $0[sender] ?? [] } }

    func wait(count: Int) async throws {
      let end = ContinuousClock.now + .seconds(30)
      while content.withLock({ $0.values.reduce(0) { $0 + $1.count } }) < count {
        try #require(ContinuousClock.now < end)
        try await Task.sleep(for: .milliseconds(2))
      }
    }
  }
}
