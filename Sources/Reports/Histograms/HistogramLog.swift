/// The distributions of load runs as a log of HdrHistogram (`.hlog`, version 1.3), which its tools
/// read, merge and plot.
///
/// A line holds a distribution of the whole measuring phase under a tag: `latency` and what it counts
/// from, or `set-up` and what was set up. Values are nanoseconds; the column of maxima is in
/// milliseconds, as these tools want it.
enum HistogramLog {
  /// The log.
  static func text(for run: Run) -> String {
    let start = Double(run.started.millisecondsSinceEpoch) / 1000
    var output = """
      #[Gauntlet \(VisibleText.line(run.tool.version)), values in nanoseconds]
      #[Histogram log format version 1.3]
      #[StartTime: \(NumberText.fixed(start, 3)) (seconds since epoch), \(run.started)]
      "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"

      """
    for (number, load) in run.load.enumerated() {
      let prefix = run.load.count > 1 ? "\(number + 1)-" : ""
      let records =
        load.latencies.map { ("latency-\($0.name)", $0.histogram) }
        + load.setUp.map { ("set-up-\($0.name)", $0.histogram) }
      for (name, histogram) in records {
        guard let compressed = HistogramEncoding.compressedBase64(of: histogram.encoded) else {
          continue
        }
        let phases = load.phases.filter(\.isMeasured)
        let offset = Double(phases.first?.startNanoseconds ?? 0) / 1e9
        output += "Tag=\(tag(prefix + name)),\(NumberText.fixed(offset, 3)),"
        output += "\(NumberText.fixed(load.measuredSeconds, 3)),"
        output += "\(NumberText.fixed(Double(histogram.maximumNanoseconds) / 1e6, 3)),"
        output += "\(compressed)\n"
      }
    }
    return output
  }

  /// A tag has no comma, no space and no line end.
  private static func tag(_ text: String) -> String {
    let octets = text.utf8.prefix(100).map { octet -> UInt8 in
      switch octet {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: octet
      default: 0x2D
      }
    }
    return String(decoding: octets, as: UTF8.self)
  }
}
