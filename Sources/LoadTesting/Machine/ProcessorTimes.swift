/// What all processors together did since the system was started, in ticks of the kernel.
struct ProcessorTimes: Equatable {
  /// All ticks.
  var total = 0
  /// Ticks without work, waiting for disks included.
  var idle = 0
  /// Ticks in which the hypervisor ran somebody else.
  var stolen = 0
  /// How many processors they are.
  var processorCount = 0

  /// Reads `/proc/stat`; nil if it is something else.
  init?(_ text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let name = words.first, name.hasPrefix("cpu") else { continue }
      guard name == "cpu" else {
        processorCount += 1
        continue
      }
      // user nice system idle iowait irq softirq steal; guests are counted in user already.
      let ticks = words.dropFirst().prefix(8).compactMap { Int($0) }
      guard ticks.count == 8 else { return nil }
      total = ticks.reduce(0, &+)
      idle = ticks[3] &+ ticks[4]
      stolen = ticks[7]
    }
    guard processorCount > 0 else { return nil }
  }
}
