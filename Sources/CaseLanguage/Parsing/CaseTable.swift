/// What multiplies a case: rows of values for named columns.
struct CaseTable {
  /// A value, and what ids and titles call it.
  struct Cell {
    var name: [UInt8]
    var value: [UInt8]
  }

  private(set) var columns: [String]
  private(set) var rows: [[Cell]]
  /// Whether it came from a `vary` line: then ids that do not name it get it appended.
  let isVary: Bool

  /// The table of the lines at the front that begin with `|`, or nil if there is none.
  init?(rows lines: inout ArraySlice<SourceText>) throws(CaseSyntaxError) {
    guard let head = lines.first, let cells = CaseTable.cells(head) else { return nil }
    lines.removeFirst()
    columns = []
    guard cells.count <= 64 else { throw head.error("expected at most 64 columns") }
    for cell in cells {
      let name = String(decoding: cell, as: UTF8.self)
      guard !cell.isEmpty, cell.allSatisfy({ $0.isNamePart }) else {
        throw head.error("expected names of columns, not `\(name)`")
      }
      guard !columns.contains(name) else { throw head.error("two columns are named \(name)") }
      columns.append(name)
    }
    rows = []
    isVary = false
    while let line = lines.first, let values = CaseTable.cells(line) {
      lines.removeFirst()
      guard values.count == columns.count else {
        throw line.error("expected \(columns.count) values, not \(values.count)")
      }
      rows.append(values.map { Cell(name: $0, value: $0) })
    }
    guard !rows.isEmpty else { throw head.error("expected rows below the names of the columns") }
  }

  /// The table of `vary NAME = VALUE, NAME: VALUE, …`, after its first word.
  init(vary scanner: inout Scanner) throws(CaseSyntaxError) {
    columns = [try scanner.name("the name of what varies")]
    scanner.skipBlanks()
    guard scanner.take("=") else { throw scanner.error("expected = and values, with commas") }
    rows = []
    isVary = true
    let start = scanner
    let list = Array(scanner.rest().utf8)
    for item in list.split(separator: 0x2c, omittingEmptySubsequences: false) {
      let parts = item.split(separator: 0x3a, maxSplits: 1, omittingEmptySubsequences: false)
      let name = CaseTable.trimmed(parts[0])
      let value = CaseTable.trimmed(parts.last ?? [])
      guard !name.isEmpty else { throw start.error("expected values, with commas between them") }
      rows.append([Cell(name: name, value: value)])
    }
  }

  /// Whether a line belongs to a table, so that the file's own variables can be filled in.
  static func isRowOrVary(_ line: SourceText) -> Bool {
    let word = Scanner(line).peekToken()
    return word.utf8.first == .bar || word == "vary"
  }

  /// The values between the bars of a line, or nil if it does not begin with one.
  private static func cells(_ line: SourceText) -> [[UInt8]]? {
    let octets = trimmed(line.octets[...])
    guard octets.first == .bar else { return nil }
    var cells = octets.dropFirst().split(separator: .bar, omittingEmptySubsequences: false)
    if octets.count > 1, octets.last == .bar { cells.removeLast() }
    return cells.map(trimmed)
  }

  private static func trimmed(_ octets: ArraySlice<UInt8>) -> [UInt8] {
    var octets = octets.drop { $0.isBlank }
    while let last = octets.last, last.isBlank { octets.removeLast() }
    return Array(octets)
  }
}

/// The variables of one case.
struct CaseBindings {
  private var values: [String: [UInt8]]
  private var names: [String: [UInt8]] = [:]

  init(_ values: [String: [UInt8]]) { self.values = values }

  mutating func bind(_ table: CaseTable, row: Int) {
    for (column, cell) in zip(table.columns, table.rows[row]) {
      values[column] = cell.value
      names[column] = cell.name
    }
  }

  mutating func bind(_ name: String, to value: Int) { values[name] = Array("\(value)".utf8) }

  /// What a script has for `{name}`.
  func value(_ name: String) -> [UInt8]? { values[name] }

  /// What ids and titles have for `{name}`.
  func name(_ name: String) -> [UInt8]? { names[name] ?? values[name] }
}
