import Foundation
import Testing

@testable import Transport

@Suite("Processes beside us", .timeLimit(.minutes(5)))
struct ChildProcessTests {
  private func withFile(_ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/child-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }

  @Test(arguments: [
    ("exit 3", ChildProcess.Ending.exited(3)), ("kill -SEGV $$", .killed(signal: 11)),
    ("true", .exited(0)),
  ])
  func `its ending is known`(command: String, ending: ChildProcess.Ending) async throws {
    try await withFile { path in
      let child = try ChildProcess(command: command, outputPath: path)
      #expect(await child.waitForEnd() == ending)
      #expect(child.ending == ending)
      #expect(await child.stop() == ending)
    }
  }

  @Test func `its output and errors are kept, and its environment is ours with more`() async throws
  {
    try await withFile { path in
      let child = try ChildProcess(
        command: "echo $PORT; printf 'last\\377' >&2; test -n \"$PATH\"",
        environment: ["PORT": "17"], outputPath: path)
      #expect(await child.waitForEnd() == .exited(0))
      #expect(child.lastLines() == [Array("17".utf8), Array("last".utf8) + [0xff]])
      #expect(child.lastLines(1).count == 1)
    }
  }

  @Test func `SIGTERM is enough for those who listen, and reaches the whole group`() async throws {
    try await withFile { path in
      // The inner shell is another process of the group: only a signal to the group reaches it.
      let child = try ChildProcess(
        command: "sh -c 'trap \"echo inner; exit 0\" TERM; echo in; "
          + "while :; do sleep 0.05; done' & trap 'wait; exit 5' TERM; echo up; wait; wait",
        outputPath: path)
      while child.lastLines().count < 2 { try await Task.sleep(for: .milliseconds(10)) }
      #expect(await child.stop(grace: .seconds(30)) == .exited(5))
      #expect(child.lastLines().contains(Array("inner".utf8)))
    }
  }

  @Test func `SIGKILL is for the others`() async throws {
    try await withFile { path in
      let child = try ChildProcess(
        command: "trap '' TERM; echo up; while :; do sleep 0.05; done", outputPath: path)
      while child.lastLines().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
      #expect(await child.stop(grace: .milliseconds(50)) == .killed(signal: SIGKILL))
    }
  }

  @Test func `what it leaves behind ends with it`() async throws {
    try await withFile { path in
      let child = try ChildProcess(command: "sleep 1000 & echo $!", outputPath: path)
      _ = await child.waitForEnd()
      let line = try #require(child.lastLines().first)
      let left = try #require(pid_t(String(decoding: line, as: UTF8.self)))
      while kill(left, 0) == 0, isRunning(left) { try await Task.sleep(for: .milliseconds(10)) }
    }
  }

  /// Whether a process is more than an entry that nobody has reaped yet.
  private func isRunning(_ identifier: pid_t) -> Bool {
    let status = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)
    return status?.contains(") Z ") == false
  }

  @Test func `a place for its output that cannot be written is named`() {
    let error = #expect(throws: TransportError.self) {
      _ = try ChildProcess(command: "true", outputPath: "/none/at/all")
    }
    #expect(error?.description.contains("/none/at/all") == true)
  }

  @Test func `a free port can be listened on`() async throws {
    let port = try FreePort.find()
    let group = try EventLoopGroup(count: 1, name: "free")
    let listener = try Listener(loop: group.loops[0], address: .loopback(port: port)) { _ in nil }
    #expect(listener.localAddress.port == port)
    group.stop()
  }
}
