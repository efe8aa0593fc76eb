import Synchronization
import Testing
import Transport

@Suite("Tasks on an event loop", .timeLimit(.minutes(5)))
struct EventLoopExecutorTests {
  @Test
  func `a task that prefers the loop runs on its thread, also after a wait`() async throws {
    let loop = try EventLoop(name: "test-executor")
    try loop.start()
    let seen = await Task(executorPreference: loop) { () -> [Bool] in
      var seen = [loop.isCurrent]
      try? await Task.sleep(for: .milliseconds(5))
      seen.append(loop.isCurrent)
      await Task.yield()
      seen.append(loop.isCurrent)
      return seen
    }.value
    #expect(seen == [true, true, true])
    loop.stop()
    loop.join()
  }

  @Test
  func `tasks that yield for ever leave the loop its timers`() async throws {
    let loop = try EventLoop(name: "test-executor")
    try loop.start()
    let isOver = Mutex(false)
    let task = Task(executorPreference: loop) {
      loop.schedule(after: .milliseconds(10)) { isOver.withLock { $0 = true } }
      while !isOver.withLock({ $0 }) { await Task.yield() }
    }
    await task.value
    loop.stop()
    loop.join()
  }

  @Test(arguments: [1, 1 << 20])
  func `tasks that are handed much run before the next socket is read`(byteCount: Int) async throws
  {
    try await withLoops(2) { group in
      let (loop, other) = (group.loops[0], group.loops[1])
      let echoes = SocketLog()
      let listener = try Listener(
        loop: other, address: .loopback(port: 0), options: Listener.Options(), onError: { _ in }
      ) { accepted in
        let socket = ScriptSocket(loop: accepted.loop, log: echoes)
        socket.onReceive = { socket, bytes in
          socket.write(bytes.span)
          echoes.change { $0.notes.append("sent") }
        }
        return socket
      }
      defer { listener.close() }
      let log = SocketLog()
      let connector = Connector(to: .address(listener.localAddress))
      let sockets = Mutex<[LoopBound<ScriptSocket>]>([])
      for name in ["a", "b"] {
        loop.execute {
          let socket = ScriptSocket(loop: loop)
          socket.onConnected = { _ in log.change { $0.notes.append("connected") } }
          socket.onReceive = { _, _ in
            log.change { $0.notes.append("read \(name)") }
            Task(executorPreference: loop) { log.change { $0.notes.append("task \(name)") } }
            loop.tasksWereHanded(byteCount)
          }
          sockets.withLock { $0.append(LoopBound(socket, on: loop)) }
          connector.connect(socket)
        }
      }
      try await log.wait(for: "both connections") { $0.notes.count == 2 }
      // While the loop is held up, both echoes come: it reads them in one turn.
      loop.execute {
        for socket in sockets.withLock({ $0 }) { socket.value.write([1].span) }
        while echoes.now.notes.count < 2 {}
      }
      try await log.wait(for: "both tasks") { $0.notes.count == 6 }
      let order = log.now.notes.dropFirst(2).map { $0.prefix(4) }
      #expect(
        order
          == (byteCount == 1
            ? ["read", "read", "task", "task"] : ["read", "task", "read", "task"]))
    }
  }

  @Test
  func `a task goes on elsewhere when its loop has ended`() async throws {
    let loop = try EventLoop(name: "test-executor")
    try loop.start()
    let task = Task(executorPreference: loop) {
      try? await Task.sleep(for: .milliseconds(100))
      return 42
    }
    loop.stop()
    loop.join()
    #expect(await task.value == 42)
    #expect(await Task(executorPreference: loop) { 43 }.value == 43)
  }
}
