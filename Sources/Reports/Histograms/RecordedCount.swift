internal import Histogram

/// A value that a histogram holds, and how often.
struct RecordedCount {
  let value: UInt64
  let count: UInt64

  /// All values of a histogram, in ascending order.
  ///
  /// A walk is generic code of another module and takes milliseconds: whoever asks several things keeps its result.
  static func all(of histogram: Histogram<UInt64>) -> [RecordedCount] {
    histogram.recordedValues().map { RecordedCount(value: $0.value, count: $0.count) }
  }
}
