import Foundation
import Testing

@testable import LoadTesting

@Suite("A machine's checkup")
struct MachineCheckupTests {
  /// A machine on which nothing is to be said against.
  private var good: MachineFacts {
    var facts = MachineFacts()
    facts.descriptorLimit = 1_000_000
    facts.systemDescriptorLimit = 2_000_000
    facts.localPorts = 1024...65535
    facts.timeWaitReuse = 2
    facts.timeWaitCount = 10
    facts.listenBacklog = 4096
    facts.halfOpenBacklog = 2048
    facts.tcpMemoryByteCount = 2 << 30
    facts.availableByteCount = 8 << 30
    facts.processorCount = 8
    facts.governors = ["performance"]
    facts.loadAverage = 0.1
    facts.clockSource = "tsc"
    return facts
  }

  private func grades(
    _ change: (inout MachineFacts, inout MachineNoise) -> Void
  ) -> [String: MachineCheckup.Finding.Grade] {
    var facts = good
    var noise = MachineNoise()
    noise.clockReadNanoseconds = 25
    change(&facts, &noise)
    let checkup = MachineCheckup(facts, noise, connections: 10_000)
    for finding in checkup.findings {
      #expect((finding.advice == nil) == (finding.grade == .good), "\(finding.subject)")
    }
    return Dictionary(
      checkup.findings.filter { $0.grade != .good }.map { ($0.subject, $0.grade) },
      uniquingKeysWith: { first, _ in first })
  }

  @Test func `a good machine has nothing to be told`() {
    #expect(grades { _, _ in }.isEmpty)
  }

  @Test func `each thing that lacks is told alone`() {
    #expect(grades { facts, _ in facts.descriptorLimit = 1024 } == ["file descriptors": .lacking])
    #expect(grades { facts, _ in facts.systemDescriptorLimit = 9000 }.count == 1)
    #expect(grades { facts, _ in facts.localPorts = 1...9000 } == ["local ports": .lacking])
    #expect(grades { facts, _ in facts.timeWaitCount = 60_000 } == ["ports in TIME_WAIT": .lacking])
    #expect(grades { facts, _ in facts.timeWaitReuse = 0 } == ["TIME_WAIT taken again": .doubtful])
    #expect(grades { facts, _ in facts.listenBacklog = 128 }.values.first == .lacking)
    #expect(
      grades { facts, _ in facts.tcpMemoryByteCount = 1 << 20 } == ["memory of TCP": .lacking])
    #expect(grades { facts, _ in facts.availableByteCount = 1 << 20 } == ["free memory": .lacking])
    #expect(grades { facts, _ in facts.processorCount = 2 } == ["processors": .doubtful])
    #expect(grades { facts, _ in facts.processorQuota = 1.5 }.values.first == .lacking)
    #expect(
      grades { facts, _ in facts.governors = ["performance", "schedutil"] }
        == ["frequency governor": .doubtful])
    #expect(grades { facts, _ in facts.loadAverage = 7 } == ["load average": .lacking])
    #expect(grades { facts, _ in facts.clockSource = "hpet" } == ["clock": .lacking])
    #expect(grades { _, noise in noise.stolenShare = 0.02 }.values.first == .lacking)
    #expect(grades { _, noise in noise.takenShare = 0.02 }.values.first == .doubtful)
    #expect(grades { _, noise in noise.busyShare = 0.5 }.values.first == .lacking)
    #expect(grades { _, noise in noise.longestPauseNanoseconds = 60_000_000 }.count == 1)
    #expect(grades { _, noise in noise.clockReadNanoseconds = 400 }.values.first == .doubtful)
  }

  @Test func `facts are read from the system's files, and what is not there is unknown`() throws {
    let root = FileManager.default.temporaryDirectory.path + "/machine-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    #expect(MachineFacts.read(root: root) == MachineFacts())
    let files = [
      "/proc/sys/net/ipv4/ip_local_port_range": "32768\t60999\n",
      "/proc/sys/net/ipv4/tcp_mem": "287901\t383868\t1000\n",
      "/proc/net/sockstat": "sockets: used 9\nTCP: inuse 1 orphan 0 tw 17 alloc 1 mem 2\n",
      "/proc/meminfo": "MemTotal: 99 kB\nMemAvailable:   2048 kB\n",
      "/proc/stat": "cpu  1 2 3 40 5 6 7 8 0 0\ncpu0 1 2 3 40 5 6 7 8 0 0\ncpu1 0 0 0 0 0 0 0 0\n",
      "/proc/loadavg": "0.25 0.5 1.0 1/200 3\n", "/sys/fs/cgroup/cpu.max": "150000 100000\n",
      "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
    ]
    for (path, text) in files {
      let url = URL(filePath: root + path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    let facts = MachineFacts.read(root: root)
    #expect(facts.localPorts == 32768...60999)
    #expect(facts.tcpMemoryByteCount == 4_096_000)
    #expect(facts.timeWaitCount == 17 && facts.availableByteCount == 2 << 20)
    #expect(facts.processorCount == 2 && facts.processorQuota == 1.5)
    #expect(facts.loadAverage == 0.25 && facts.governors == ["powersave"])
    let times = try #require(ProcessorTimes(files["/proc/stat"] ?? ""))
    #expect(times.total == 72 && times.idle == 45 && times.stolen == 8)
  }

  @Test func `noise is measured on this machine`() async {
    let noise = await MachineNoise.measure(for: .milliseconds(60), processorCount: 2)
    #expect(noise.clockReadNanoseconds > 0)
    for share in [noise.takenShare, noise.stolenShare, noise.busyShare] {
      #expect((0...1).contains(share))
    }
  }
}
