import Glibc
import Testing
import Transport

@testable import Conformance

@Suite("Which processes a group has")
struct ProcessGroupTests {
  @Test func `our own is there, and one that is not is empty`() {
    #expect(ProcessGroup(getpgrp()).members.contains(getpid()))
    #expect(ProcessGroup(.max).members.isEmpty)
  }

  @Test func `processes that come are found, and those that went are left out`() throws {
    let shell = try ChildProcess(command: "sleep 60 & wait", outputPath: "/dev/null")
    defer { shell.killAtOnce() }
    var group = ProcessGroup(shell.identifier)
    while group.members.count < 2 { group.look() }
    let before = group.members
    #expect(before.contains(shell.identifier))
    group.look()
    #expect(group.members == before)
    // The shell waits for it, and ends with it.
    let sleep = try #require(before.first { $0 != shell.identifier })
    kill(sleep, SIGKILL)
    while group.members.contains(sleep) { group.look() }
    #expect(!group.members.contains(sleep))
  }
}
