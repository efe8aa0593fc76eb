import Reports

/// What the kernel counts of TCP in our network namespace.
struct KernelCounters: Equatable, Sendable {
  /// Memory that sockets hold, in octets.
  var socketBytes = 0
  /// Segments sent again, since the system was started.
  var retransmits = 0
  /// Connections that a listener's full queue turned away, since the system was started.
  var listenOverflows = 0

  /// Reads `/proc/net` below a root; nil where it does not tell.
  init?(root: String = "") {
    let files = SystemFiles(root: root)
    guard let pages = files.value("mem", ofLine: "TCP:", in: "/proc/net/sockstat"),
      let retransmits = Self.value("Tcp", "RetransSegs", in: files.text("/proc/net/snmp"))
    else { return nil }
    socketBytes = pages * 4096
    self.retransmits = retransmits
    listenOverflows =
      Self.value("TcpExt", "ListenOverflows", in: files.text("/proc/net/netstat")) ?? 0
  }

  /// What happened between two moments, for a report.
  func since(_ earlier: KernelCounters) -> KernelSample {
    KernelSample(
      socketBytes: socketBytes, retransmits: max(0, retransmits - earlier.retransmits),
      listenOverflows: max(0, listenOverflows - earlier.listenOverflows))
  }

  /// A counter of a file in which each line of names is followed by one of values.
  static func value(_ protocolName: String, _ name: String, in text: String) -> Int? {
    let lines = text.split(separator: "\n").filter { $0.hasPrefix(protocolName + ":") }
    guard lines.count == 2 else { return nil }
    let names = lines[0].split(separator: " ")
    let values = lines[1].split(separator: " ")
    guard let place = names.firstIndex(where: { $0 == name }), place < values.count else {
      return nil
    }
    return Int(values[place])
  }
}
