import FoundationEssentials
import Transport

/// What the system says of itself; nil or empty where it does not tell.
public struct MachineFacts: Equatable, Sendable {
  /// How many files this process may have open, once it has raised its own limit.
  public var descriptorLimit = 0
  /// How many files all processes together may have open (`fs.file-max`).
  public var systemDescriptorLimit: Int?
  /// The local ports for outgoing connections (`net.ipv4.ip_local_port_range`).
  public var localPorts: ClosedRange<Int>?
  /// Whether ports in TIME_WAIT are taken again: 0 never, 1 always, 2 on loopback.
  public var timeWaitReuse: Int?
  /// Connections that wait in TIME_WAIT now.
  public var timeWaitCount: Int?
  /// How many connections a listener may have waiting (`net.core.somaxconn`).
  public var listenBacklog: Int?
  /// How many half-open connections a listener may have (`net.ipv4.tcp_max_syn_backlog`).
  public var halfOpenBacklog: Int?
  /// How much memory TCP may take of the whole system, in octets (`net.ipv4.tcp_mem`).
  public var tcpMemoryByteCount: Int?
  /// Memory that is free or can be freed, in octets.
  public var availableByteCount: Int?
  /// Processors that are online.
  public var processorCount = 1
  /// How many of them a control group lets its processes use; nil: all.
  public var processorQuota: Double?
  /// The frequency governors of all processors, each once.
  public var governors: [String] = []
  /// The load average of the last minute.
  public var loadAverage: Double?
  /// What the kernel reads time from.
  public var clockSource: String?

  /// Knows nothing yet; its members are variables to be filled in.
  public init() {}

  /// Asks the system.
  public static func current() -> MachineFacts {
    var facts = read(root: "")
    facts.descriptorLimit = DescriptorLimit.raise()
    return facts
  }

  /// Reads what files below a root say: the system's, where the root is empty.
  static func read(root: String) -> MachineFacts {
    let files = SystemFiles(root: root)
    var facts = MachineFacts()
    facts.systemDescriptorLimit = files.numbers("/proc/sys/fs/file-max").first
    let ports = files.numbers("/proc/sys/net/ipv4/ip_local_port_range")
    if ports.count == 2, ports[0] <= ports[1] { facts.localPorts = ports[0]...ports[1] }
    facts.timeWaitReuse = files.numbers("/proc/sys/net/ipv4/tcp_tw_reuse").first
    facts.timeWaitCount = files.value("tw", ofLine: "TCP:", in: "/proc/net/sockstat")
    facts.listenBacklog = files.numbers("/proc/sys/net/core/somaxconn").first
    facts.halfOpenBacklog = files.numbers("/proc/sys/net/ipv4/tcp_max_syn_backlog").first
    // The third number is where the kernel refuses, in pages of 4 KiB.
    let memory = files.numbers("/proc/sys/net/ipv4/tcp_mem")
    if memory.count == 3 {
      let (octets, overflow) = memory[2].multipliedReportingOverflow(by: 4096)
      facts.tcpMemoryByteCount = overflow ? .max : octets
    }
    facts.availableByteCount = files.line("MemAvailable:", in: "/proc/meminfo")?
      .split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    let stat = ProcessorTimes(files.text("/proc/stat"))
    facts.processorCount = max(1, stat?.processorCount ?? 1)
    facts.processorQuota = files.processorQuota
    facts.governors = files.governors
    facts.loadAverage = files.words("/proc/loadavg").first.flatMap { Double($0) }
    facts.clockSource =
      files.words("/sys/devices/system/clocksource/clocksource0/current_clocksource").first
    return facts
  }
}

/// Small files of the system, below a root.
struct SystemFiles {
  let root: String

  func text(_ path: String) -> String {
    guard let data = try? Data(contentsOf: URL(filePath: root + path)) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }

  func words(_ path: String) -> [String] {
    text(path).split(whereSeparator: \.isWhitespace).map(String.init)
  }

  func numbers(_ path: String) -> [Int] { words(path).compactMap { Int($0) } }

  func line(_ beginning: String, in path: String) -> Substring? {
    text(path).split(separator: "\n").first { $0.hasPrefix(beginning) }
  }

  /// The number behind a word of a line: `tw 3`.
  func value(_ word: String, ofLine beginning: String, in path: String) -> Int? {
    guard let words = line(beginning, in: path)?.split(separator: " ") else { return nil }
    guard let place = words.firstIndex(where: { $0 == word }), place + 1 < words.count else {
      return nil
    }
    return Int(words[place + 1])
  }

  /// The quota of the control group, in processors; of version 2, or else of version 1.
  var processorQuota: Double? {
    let group = words("/sys/fs/cgroup/cpu.max")
    if group.count == 2, let quota = Double(group[0]), let period = Double(group[1]), period > 0 {
      return quota / period
    }
    let quota = numbers("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").first ?? -1
    let period = numbers("/sys/fs/cgroup/cpu/cpu.cfs_period_us").first ?? 0
    return quota > 0 && period > 0 ? Double(quota) / Double(period) : nil
  }

  var governors: [String] {
    let folder = root + "/sys/devices/system/cpu"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let governors = names.filter { $0.hasPrefix("cpu") }.compactMap { name in
      words("/sys/devices/system/cpu/\(name)/cpufreq/scaling_governor").first
    }
    return Set(governors).sorted()
  }
}
