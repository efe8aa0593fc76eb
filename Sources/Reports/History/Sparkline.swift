/// Values as a line of blocks for a terminal.
enum Sparkline {
  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  /// One block for each value, or, of more than `width` values, one for the middle of some.
  ///
  /// - Returns: The line, and for each value the column that shows it.
  static func line(_ values: [Double], width: Int) -> (text: String, columns: [Int]) {
    guard let least = values.min(), let greatest = values.max() else { return ("", []) }
    let count = min(values.count, width)
    let columns = values.indices.map { $0 * count / values.count }
    var shown = [[Double]](repeating: [], count: count)
    for (value, column) in zip(values, columns) { shown[column].append(value) }
    let text = shown.map { values -> Character in
      // In the middle where nothing differs: neither high nor low.
      guard greatest > least else { return blocks[3] }
      return blocks[Int(((values.median - least) / (greatest - least) * 7).rounded())]
    }
    return (String(text), columns)
  }
}
