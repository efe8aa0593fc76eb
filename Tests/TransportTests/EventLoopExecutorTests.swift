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
