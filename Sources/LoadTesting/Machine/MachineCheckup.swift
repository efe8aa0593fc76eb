/// What a machine lacks for measurements that can be trusted.
///
/// ```swift
/// let checkup = MachineCheckup(.current(), noise, connections: 10_000)
/// for finding in checkup.findings where finding.grade != .good { print(finding.advice ?? "") }
/// ```
public struct MachineCheckup: Equatable, Sendable {
  /// One thing that was looked at.
  public struct Finding: Codable, Equatable, Sendable {
    /// How it is.
    public enum Grade: String, Codable, Sendable {
      /// As it should be.
      case good
      /// Worth knowing: numbers may be worse or further apart than elsewhere.
      case doubtful
      /// In the way of a run that can be trusted.
      case lacking
    }

    /// What was looked at.
    public var subject: String
    /// How it is.
    public var grade: Grade
    /// What was found, with its unit.
    public var found: String
    /// What to do about it; nil where nothing is to be done.
    public var advice: String?
  }

  /// What was looked at, in the order in which people set it.
  public private(set) var findings: [Finding] = []

  /// Whether nothing is lacking.
  public var isGood: Bool { findings.allSatisfy { $0.grade != .lacking } }

  /// Judges facts, for a run with so many connections.
  public init(_ facts: MachineFacts, _ noise: MachineNoise, connections: Int) {
    judgeDescriptors(facts, connections)
    judgePorts(facts, connections)
    judgeQueues(facts)
    judgeMemory(facts, connections)
    judgeProcessors(facts, noise)
    judgeNoise(noise)
    judgeClock(facts, noise)
  }

  private mutating func add(
    _ subject: String, _ found: String, _ grade: Finding.Grade, _ advice: String
  ) {
    findings.append(
      Finding(
        subject: subject, grade: grade, found: found, advice: grade == .good ? nil : advice))
  }

  /// Lacking from one bound on, doubtful from another.
  private static func grade(_ value: Double, doubtful: Double, lacking: Double) -> Finding.Grade {
    value >= lacking ? .lacking : value >= doubtful ? .doubtful : .good
  }

  private mutating func judgeDescriptors(_ facts: MachineFacts, _ connections: Int) {
    // A few for event loops, files and listeners.
    let needed = connections + 64
    add(
      "file descriptors", "\(facts.descriptorLimit) for a process",
      facts.descriptorLimit >= needed ? .good : .lacking,
      "\(connections) connections take \(needed): ulimit -n \(needed), or for good 'hard nofile' in "
        + "/etc/security/limits.conf, LimitNOFILE= of a systemd unit, docker run --ulimit nofile=")
    if let limit = facts.systemDescriptorLimit {
      add(
        "files of all processes", "\(limit)", limit >= 2 * needed ? .good : .lacking,
        "sysctl -w fs.file-max=\(max(1_000_000, 4 * needed))")
    }
  }

  private mutating func judgePorts(_ facts: MachineFacts, _ connections: Int) {
    if let ports = facts.localPorts {
      add(
        "local ports", "\(ports.lowerBound) to \(ports.upperBound), \(ports.count)",
        ports.count > connections ? .good : .lacking,
        "that many connections to one address need as many ports: "
          + "sysctl -w net.ipv4.ip_local_port_range='1024 65535'")
      if let waiting = facts.timeWaitCount {
        let share = Double(waiting) / Double(ports.count)
        add(
          "ports in TIME_WAIT", "\(waiting)",
          Self.grade(share, doubtful: 0.25, lacking: 0.75),
          "wait a minute for them to come back, or widen the range of local ports")
      }
    }
    if let reuse = facts.timeWaitReuse {
      let words = ["never", "always", "on loopback"]
      add(
        "TIME_WAIT taken again", words.indices.contains(reuse) ? words[reuse] : "\(reuse)",
        reuse == 0 ? .doubtful : .good,
        "each connection keeps its port for a minute after its end: sysctl -w net.ipv4.tcp_tw_reuse=1"
      )
    }
  }

  private mutating func judgeQueues(_ facts: MachineFacts) {
    for (subject, value, name) in [
      ("waiting connections of a listener", facts.listenBacklog, "net.core.somaxconn"),
      ("half-open connections", facts.halfOpenBacklog, "net.ipv4.tcp_max_syn_backlog"),
    ] {
      guard let value else { continue }
      add(
        subject, "\(value)", value >= 1024 ? .good : value >= 512 ? .doubtful : .lacking,
        "many that connect at once wait for seconds in vain: sysctl -w \(name)=4096")
    }
  }

  private mutating func judgeMemory(_ facts: MachineFacts, _ connections: Int) {
    let mebibyte = 1 << 20
    if let limit = facts.tcpMemoryByteCount {
      // Both ends are here, and each holds some KiB while messages are under way.
      let needed = connections * 2 * 16_384
      add(
        "memory of TCP", "\(limit / mebibyte) MiB", limit >= needed ? .good : .lacking,
        "\(connections) connections with 16 KiB under way each take \(needed / mebibyte) MiB: "
          + "raise the third number of sysctl net.ipv4.tcp_mem (in pages of 4 KiB)")
    }
    if let free = facts.availableByteCount {
      add(
        "free memory", "\(free / mebibyte) MiB",
        free >= 1024 * mebibyte ? .good : free >= 256 * mebibyte ? .doubtful : .lacking,
        "end other programs: a machine that swaps measures its disk")
    }
  }

  private mutating func judgeProcessors(_ facts: MachineFacts, _ noise: MachineNoise) {
    let count = facts.processorCount
    add(
      "processors", "\(count)", count >= 4 ? .good : count >= 2 ? .doubtful : .lacking,
      count == 1
        ? "generator and server take turns: run the generator on a machine of its own"
        : "generator, server and all else share \(count): use one loop each, and compare only what "
          + "was measured side by side (gauntlet ab)")
    if let quota = facts.processorQuota, quota < Double(count) {
      add(
        "quota of the control group", "\(Self.fixed(quota)) processors", .lacking,
        "whoever uses it up is stopped for the rest of 100 ms: lift --cpus or the limit of the pod")
    }
    if facts.governors.isEmpty {
      add("frequency governor", "not told", .good, "")
    } else {
      let isSteady = facts.governors == ["performance"]
      let isSlow = facts.governors.contains { ["powersave", "conservative"].contains($0) }
      add(
        "frequency governor", facts.governors.joined(separator: ", "),
        isSteady ? .good : isSlow ? .lacking : .doubtful,
        "the clock follows the load: cpupower frequency-set -g performance")
    }
    if let load = facts.loadAverage {
      add(
        "load average", Self.fixed(load),
        Self.grade(load / Double(count), doubtful: 0.3, lacking: 0.8),
        "others want the processors: wait until they are done (the number is of the last minute)")
    }
    add(
      "processors used by others", Self.percent(noise.busyShare),
      Self.grade(noise.busyShare, doubtful: 0.05, lacking: 0.2),
      "see with top who it is, and end it")
  }

  private mutating func judgeNoise(_ noise: MachineNoise) {
    add(
      "time stolen by the hypervisor", Self.percent(noise.stolenShare),
      Self.grade(noise.stolenShare, doubtful: 0.001, lacking: 0.01),
      "neighbours on the same host: take a machine with processors of its own")
    add(
      "time taken from a busy thread", Self.percent(noise.takenShare),
      Self.grade(noise.takenShare, doubtful: 0.01, lacking: 0.05),
      "other programs, interrupts or neighbours: end them, or pin with taskset to quiet processors")
    let pause = Double(noise.longestPauseNanoseconds) / 1e6
    add(
      "longest pause of it", "\(Self.fixed(pause)) ms",
      Self.grade(pause, doubtful: 5, lacking: 50),
      "every latency above it may be the machine's and not the server's")
  }

  private mutating func judgeClock(_ facts: MachineFacts, _ noise: MachineNoise) {
    if let source = facts.clockSource {
      let isFast = ["tsc", "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page"]
        .contains(source)
      add(
        "clock", source, isFast ? .good : .lacking,
        "each look at it is a call into the kernel: boot with clocksource=tsc tsc=reliable")
    }
    add(
      "one look at the clock", "\(Self.fixed(noise.clockReadNanoseconds)) ns",
      Self.grade(noise.clockReadNanoseconds, doubtful: 150, lacking: 1000),
      "times of microseconds are blurred by it: see 'clock'")
  }

  private static func percent(_ share: Double) -> String { "\(fixed(100 * share)) %" }

  /// Two digits after the point at most.
  private static func fixed(_ value: Double) -> String {
    let hundredths = Int((max(0, min(value, 1e12)) * 100).rounded())
    let fraction = hundredths % 100
    if fraction == 0 { return "\(hundredths / 100)" }
    let digits = fraction < 10 ? "0\(fraction)" : "\(fraction)"
    return "\(hundredths / 100).\(digits)"
  }
}
