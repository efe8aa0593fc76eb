import Transport

/// Processor time of the generator and of the server's processes, in nanoseconds.
struct ProcessorUse: Equatable, Sendable {
  /// The generator's.
  var own: Int64 = 0
  /// That of all the server's processes; nil where they are not observed, or one of them has ended.
  var server: Int64?

  static func + (left: ProcessorUse, right: ProcessorUse) -> ProcessorUse {
    ProcessorUse(
      own: left.own + right.own,
      server: left.server.flatMap { server in right.server.map { server + $0 } })
  }

  static func - (left: ProcessorUse, right: ProcessorUse) -> ProcessorUse {
    ProcessorUse(
      own: left.own - right.own,
      server: left.server.flatMap { server in right.server.map { server - $0 } })
  }
}

/// Tells what the generator and the server's processes have used until now, so cheaply that a loop can ask at
/// the very moment at which it counts its messages.
///
/// Whoever asks from the side comes late when all processors are busy, by milliseconds that short phases are made of.
struct ProcessorClocks: Sendable {
  private let own = ProcessorClock()
  private let server: [ProcessorClock?]

  /// The clocks of our process and of these.
  init(server processes: [Int32]) {
    server = processes.map { ProcessorClock(processID: $0) }
  }

  /// What was used until now.
  func read() -> ProcessorUse {
    let times = server.map { $0?.nanoseconds }
    let isWhole = !times.isEmpty && !times.contains(nil)
    return ProcessorUse(
      own: own?.nanoseconds ?? 0, server: isWhole ? times.compactMap { $0 }.reduce(0, +) : nil)
  }
}
