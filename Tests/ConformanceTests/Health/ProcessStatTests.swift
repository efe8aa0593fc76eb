import Glibc
import Testing

@testable import Conformance

@Suite("What the kernel says of a process in a line")
struct ProcessStatTests {
  @Test func `a name with blanks and brackets does not confuse`() throws {
    let stat = try #require(
      ProcessStat("7 (a) b (c)) S 1 8 9 0 -1 4194560 5 0 0 0 12 34 0 0 20 0"))
    #expect(stat.state == "S")
    #expect(stat.parent == 1 && stat.group == 8)
    #expect(stat.flags == 4_194_560)
    #expect(stat.userTicks == 12 && stat.systemTicks == 34)
  }

  @Test func `what is missing, or no number, is not there`() throws {
    #expect(ProcessStat("7 (a") == nil)
    let stat = try #require(ProcessStat("7 (a) S x"))
    #expect(stat.parent == nil && stat.group == nil && stat.flags == nil)
    #expect(stat.userTicks == nil && stat.systemTicks == nil)
    #expect(try #require(ProcessStat("7 (a)")).state == nil)
  }

  @Test func `our own is the one with our number`() throws {
    #expect(ProcessStat(of: getpid())?.parent == getppid())
    #expect(ProcessStat()?.group == getpgrp())
    #expect(ProcessStat(of: .max) == nil)
  }
}
