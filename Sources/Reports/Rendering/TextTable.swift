/// Rows of cells as lines of text in which columns are aligned.
enum TextTable {
  /// The lines; cells of `leftColumns` begin where their column does, the others end where it ends.
  static func lines(_ rows: [[String]], leftColumns: Set<Int>) -> [String] {
    let columnCount = rows.map(\.count).max() ?? 0
    let widths = (0..<columnCount).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.indices.map { column in
        let spaces = String(repeating: " ", count: widths[column] - row[column].count)
        return leftColumns.contains(column) ? row[column] + spaces : spaces + row[column]
      }
      return cells.joined(separator: "  ").trimmingEnd
    }
  }
}

extension String {
  /// Without spaces at the end.
  fileprivate var trimmingEnd: String {
    guard let last = lastIndex(where: { $0 != " " }) else { return "" }
    return String(self[...last])
  }
}
