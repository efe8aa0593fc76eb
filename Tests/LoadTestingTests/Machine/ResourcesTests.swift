import Reports
import Glibc
import Testing

@testable import LoadTesting

@Suite("What server and kernel use")
struct ResourcesTests {
  @Test func `the slope of a line is found, and its interval holds it`() throws {
    var exact = MemorySlope()
    for count in stride(from: 0, through: 100, by: 10) {
      exact.add(connections: count, bytes: Int64(1_000_000 + 1500 * count))
    }
    let line = try #require(exact.estimate)
    #expect(abs(line.value - 1500) < 1e-6 && line.high - line.low < 1e-3)
    #expect(line.points == 11)
    var noisy = MemorySlope()
    for count in 1...50 {
      noisy.add(connections: count, bytes: Int64(4096 * ((1500 * count + 4095) / 4096)))
    }
    let steps = try #require(noisy.estimate)
    #expect(steps.low < 1500 && 1500 < steps.high)
    #expect(steps.words.contains(" KiB ("))
  }

  @Test func `too few looks give no slope`() {
    var slope = MemorySlope()
    for _ in 0..<10 { slope.add(connections: 5, bytes: 1) }
    #expect(slope.estimate == nil)
    #expect(MemorySlope().estimate == nil)
  }

  @Test func `counters are read by their names`() {
    let text = "Tcp: RtoMin RetransSegs\nTcp: 200 17\nUdp: RetransSegs\nUdp: 3\n"
    #expect(KernelCounters.value("Tcp", "RetransSegs", in: text) == 17)
    #expect(KernelCounters.value("Tcp", "Other", in: text) == nil)
    #expect(KernelCounters.value("TcpExt", "RetransSegs", in: text) == nil)
    let switches = ServerVitals.switches(
      status: "Name:\tx\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n")
    #expect(switches == (12, 3))
  }

  @Test func `our own process can be looked at`() throws {
    var test = LoadTest(LoadPlan(url: "ws://127.0.0.1:1/"))
    #expect(ResourceWatch(test).processes == [])
    test.observedProcess = getpid()
    #expect(ResourceWatch(test).processes == [getpid()])
    test.observedProcess = getpgrp()
    test.observesGroup = true
    #expect(ResourceWatch(test).processes.contains(getpid()))
    #expect(ServerVitals.residentBytes(of: nil) > 1_000_000)
    #expect(ServerVitals(of: []) == nil)
  }

  @Test func `source addresses are lists, ranges and networks`() throws {
    #expect(
      try SourceAddresses.parse("127.0.0.2-127.0.0.4") == ["127.0.0.2", "127.0.0.3", "127.0.0.4"])
    #expect(try SourceAddresses.parse("10.0.0.5, ::1") == ["10.0.0.5", "::1"])
    #expect(try SourceAddresses.parse("127.0.1.0/30") == ["127.0.1.1", "127.0.1.2"])
    #expect(try SourceAddresses.parse("127.0.1.7/32") == ["127.0.1.7"])
    #expect(try SourceAddresses.parse("127.1.0.0/16").count == 65_534)
    for text in ["", "host", "127.0.0.9-127.0.0.2", "127.0.0.1/8", "127.0.0.1,", "::1-::2"] {
      #expect(throws: LoadPlanError.self) { try SourceAddresses.parse(text) }
    }
  }

  @Test func `shards share source addresses where there are enough`() throws {
    var plan = LoadPlan(url: "ws://127.0.0.1:1/")
    plan.sourceAddresses = ["a", "b", "c"]
    let parts = try (0..<2).map { try plan.part(of: LoadShard(index: $0, of: 2)) }
    #expect(parts.map(\.sourceAddresses) == [["a", "c"], ["b"]])
    #expect(parts.map(\.connections) == [5, 5])
    #expect(try plan.part(of: LoadShard(index: 3, of: 4)).sourceAddresses == ["a", "b", "c"])
    #expect(throws: LoadPlanError.self) { try plan.part(of: LoadShard(index: 0, of: 11)) }
  }
}
