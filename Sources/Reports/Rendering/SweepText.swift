/// What runs that differ in their compression have to say, side by side.
public enum SweepText {
  private static let columns: [(title: String, value: @Sendable (LoadResults) -> String?)] = [
    ("messages/s", { NumberText.grouped($0.messagesPerSecond) }),
    ("sent", { ratio($0.totals.payloadBytesSent, $0.totals.wireBytesSent) }),
    ("received", { ratio($0.totals.payloadBytesReceived, $0.totals.wireBytesReceived) }),
    ("server CPU", { $0.serverNanosecondsPerMessage.map { NumberText.duration(nanoseconds: $0) } }),
    ("memory", { $0.serverBytesPerConnection.map { NumberText.octets($0) } }),
    ("our CPU", { $0.generatorNanosecondsPerMessage.map { NumberText.duration(nanoseconds: $0) } }),
    (
      "p99",
      {
        $0.latencies.first?.histogram.nanoseconds(at: 99).map {
          NumberText.duration(nanoseconds: Double($0))
        }
      }
    ),
  ]

  /// A table with a line for each run, and a line that says what its columns are.
  public static func render(_ runs: [LoadResults]) -> String {
    let rows = runs.map { run in
      let name = VisibleText.line(run.name) + (run.isCompressionDeclined ? ": declined" : "")
      return [name] + columns.map { $0.value(run) ?? "–" } + [mark(run)]
    }
    let lines = TextTable.lines(
      [["payload, window"] + columns.map(\.title) + [""]] + rows,
      leftColumns: [0, columns.count + 1])
    let explanation =
      "sent, received: payload to octets on the wire; CPU per message; memory per connection"
    return (lines + ["", explanation] + doubts(runs)).joined(separator: "\n") + "\n"
  }

  private static func mark(_ run: LoadResults) -> String {
    let validity = run.generator.validity
    return validity == .valid ? "" : validity.rawValue.uppercased()
  }

  /// Why runs are marked, once for each mark: the reasons have numbers that differ from run to run.
  private static func doubts(_ runs: [LoadResults]) -> [String] {
    let kinds: [GeneratorReport.Validity] = [.suspect, .invalid]
    return kinds.compactMap { validity in
      guard let run = runs.first(where: { $0.generator.validity == validity }),
        let remark = run.generator.remarks.first
      else { return nil }
      return "\(mark(run)): \(VisibleText.line(remark))"
    }
  }

  private static func ratio(_ payload: Int, _ wire: Int?) -> String? {
    guard let wire, wire > 0 else { return nil }
    return NumberText.fixed(Double(payload) / Double(wire), 2) + ":1"
  }
}

extension LoadResults {
  /// By how much the observed process grew for each connection, in octets.
  public var serverBytesPerConnection: Double? {
    guard let before = serverProcess?.residentBytesBefore,
      let after = serverProcess?.residentBytesAfter, totals.connectionsEstablished > 0
    else { return nil }
    return max(0, Double(after) - Double(before)) / Double(totals.connectionsEstablished)
  }
}
