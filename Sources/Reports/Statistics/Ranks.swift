/// The ranks of values; tied ones share the mean of theirs.
struct Ranks {
  /// Twice each value's rank, which is whole also where the mean is not.
  var doubled: [Int]
  /// The sum of t³ - t over the groups of t tied values.
  var tieTerm = 0.0

  init(_ values: [Double]) {
    doubled = [Int](repeating: 0, count: values.count)
    let order = values.indices.sorted { values[$0] < values[$1] }
    var start = 0
    while start < order.count {
      let end =
        order[start...].firstIndex { values[$0] != values[order[start]] } ?? order.endIndex
      for position in start..<end { doubled[order[position]] = start + 1 + end }
      let size = Double(end - start)
      tieTerm += size * size * size - size
      start = end
    }
  }
}
