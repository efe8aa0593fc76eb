/// Reads case files: `Documentation/case-language.md` is their grammar.
///
/// A file is read in three steps. Lines are gathered into blocks: a word in the first column opens
/// one, indented lines belong to it. A `case` block is multiplied by its tables and `vary` lines;
/// for each of the resulting cases the variables are filled into its lines as text. Then each
/// line is read by itself. Whatever the octets are, the result is a list of cases or one error.
public struct CaseParser {
  private let path: String
  private var budget = ExpansionBudget()
  private var section: Citation?
  private var variables: [String: [UInt8]]
  private var tables: [String: CaseTable] = [:]
  private var defaults: [SourceText] = []
  private var cases: [Case] = []
  private var ids: Set<String> = []

  private init(path: String, facts: PeerFacts) {
    self.path = path
    variables = facts.variables
  }

  /// The cases of a file, expanded, in its order.
  ///
  /// - Parameters:
  ///   - bytes: The contents of the file.
  ///   - path: What errors call the file.
  ///   - facts: What is known of the peer.
  /// - Returns: At least one case.
  /// - Throws: The first mistake in the file.
  public static func parse(
    bytes: [UInt8], path: String, facts: PeerFacts = PeerFacts()
  ) throws(CaseSyntaxError) -> [Case] {
    var parser = CaseParser(path: path, facts: facts)
    for block in try parser.blocks(bytes) { try parser.read(block) }
    if parser.cases.isEmpty {
      throw CaseSyntaxError(path: path, line: 1, column: 1, message: "the file has no case")
    }
    return parser.cases
  }

  /// A word in the first column, and the indented lines below it.
  private struct Block {
    var head: SourceText
    var body: [SourceText] = []
  }

  private func blocks(_ bytes: [UInt8]) throws(CaseSyntaxError) -> [Block] {
    var blocks: [Block] = []
    var number = 0
    for octets in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
      number += 1
      let octets = octets.last == 0x0d ? octets.dropLast() : octets
      var line = SourceText(path: path, line: number, octets: octets)
      if number == 1, octets.starts(with: [0xef, 0xbb, 0xbf]) {
        line = SourceText(path: path, line: 1, octets: octets.dropFirst(3))
      }
      guard line.octets.count <= ExpansionBudget.longestLine else {
        throw line.error("the line is longer than \(ExpansionBudget.longestLine) octets")
      }
      guard String(validating: line.octets, as: UTF8.self) != nil else {
        throw line.error("expected UTF-8; octets that are none are written \\xNN")
      }
      line = line.withoutComment()
      if line.isBlank { continue }
      if !line.isIndented {
        blocks.append(Block(head: line))
      } else if blocks.isEmpty {
        throw line.error("expected section, let, table, defaults or case in the first column")
      } else {
        blocks[blocks.count - 1].body.append(line)
      }
    }
    return blocks
  }

  private mutating func read(_ block: Block) throws(CaseSyntaxError) {
    var block = block
    let known = variables
    for index in block.body.indices where CaseTable.isRowOrVary(block.body[index]) {
      block.body[index] = try block.body[index].filled(in: &budget) { known[$0] }
    }
    var scanner = Scanner(block.head)
    switch scanner.token() {
    case "section":
      section = try CaseBuilder.citation(&scanner)
      try expectNoBody(block)
    case "let":
      try readVariable(&scanner)
      try expectNoBody(block)
    case "table":
      let name = try scanner.name("a name for the table")
      try scanner.expectEnd()
      var body = block.body[...]
      guard let table = try CaseTable(rows: &body) else {
        throw block.head.error("expected rows below: | column | column")
      }
      if let line = body.first { throw line.error("expected a row: | value | value") }
      tables[name] = table
    case "defaults":
      try scanner.expectEnd()
      defaults = block.body
    case "case":
      try expand(block)
    case let word:
      throw block.head.error("expected section, let, table, defaults or case, not `\(word)`")
    }
  }

  private func expectNoBody(_ block: Block) throws(CaseSyntaxError) {
    if let line = block.body.first {
      throw line.error("this indented line belongs to nothing: expected a case above it")
    }
  }

  private mutating func readVariable(_ scanner: inout Scanner) throws(CaseSyntaxError) {
    let name = try scanner.name("a name")
    scanner.skipBlanks()
    guard scanner.take("=") else { throw scanner.error("expected = after the name") }
    scanner.skipBlanks()
    let known = variables
    let filled = try scanner.text.filled(in: &budget) { known[$0] }
    var value = Scanner(filled)
    _ = value.token()
    _ = try value.name("a name")
    value.skipBlanks()
    value.advance()
    variables[name] = Array(value.rest().utf8)
  }

  /// Multiplies a `case` block and builds each of its cases.
  private mutating func expand(_ block: Block) throws(CaseSyntaxError) {
    var dimensions: [CaseTable] = []
    var lines: [SourceText] = []
    var body = block.body[...]
    while let line = body.first {
      body.removeFirst()
      var scanner = Scanner(line)
      switch scanner.token() {
      case "table": dimensions.append(try table(&scanner, rows: &body))
      case "vary": dimensions.append(try CaseTable(vary: &scanner))
      default: lines.append(line)
      }
    }
    var count = 1
    for dimension in dimensions {
      count *= dimension.rows.count
      guard count <= ExpansionBudget.mostCases - cases.count else {
        throw block.head.error("the file has more than \(ExpansionBudget.mostCases) cases")
      }
    }
    for index in 0..<count {
      var bindings = CaseBindings(variables)
      var remainder = index
      for dimension in dimensions.reversed() {
        bindings.bind(dimension, row: remainder % dimension.rows.count)
        remainder /= dimension.rows.count
      }
      let item = try build(block.head, lines, bindings, dimensions)
      guard ids.insert(item.id).inserted else {
        throw block.head.error("there is a case \(item.id) already", at: 5)
      }
      cases.append(item)
    }
  }

  private func table(
    _ scanner: inout Scanner, rows: inout ArraySlice<SourceText>
  ) throws(CaseSyntaxError) -> CaseTable {
    let start = scanner
    scanner.skipBlanks()
    if scanner.isAtEnd {
      guard let table = try CaseTable(rows: &rows) else {
        throw start.error("expected rows below: | column | column")
      }
      return table
    }
    let name = try scanner.name("the name of a table")
    try scanner.expectEnd()
    guard let table = tables[name] else { throw start.error("no table is named \(name)") }
    return table
  }

  private mutating func build(
    _ head: SourceText, _ lines: [SourceText], _ bindings: CaseBindings,
    _ dimensions: [CaseTable]
  ) throws(CaseSyntaxError) -> Case {
    var scanner = Scanner(try head.filled(in: &budget, bindings.name))
    _ = scanner.token()
    var id = scanner.token()
    guard !id.isEmpty else { throw scanner.error("expected the id of the case") }
    try scanner.expectEnd()
    for dimension in dimensions where dimension.isVary {
      guard let name = dimension.columns.first else { continue }
      let placeholder = "{\(name)}"
      if !head.octets.contains(subsequence: placeholder.utf8) {
        id += "/" + String(decoding: bindings.name(name) ?? [], as: UTF8.self)
      }
    }
    guard id.utf8.count <= 200,
      id.utf8.allSatisfy({ $0.isNamePart || $0 == 0x2e || $0 == 0x2f })
    else {
      throw head.error(
        "expected an id of up to 200 letters, digits and - _ . /, not `\(id)`", at: 5)
    }
    var builder = CaseBuilder(id: id, section: section)
    for line in defaults {
      try builder.read(line, bindings, in: &budget, isDefault: true)
    }
    for line in lines {
      try builder.read(line, bindings, in: &budget, isDefault: false)
    }
    return try builder.finish(head)
  }
}

extension Scanner {
  /// A name: letters, digits, `-` and `_`.
  mutating func name(_ what: StaticString) throws(CaseSyntaxError) -> String {
    skipBlanks()
    let name = text.octets[position...].prefix { $0.isNamePart }
    guard (1...200).contains(name.count) else { throw error("expected \(what)") }
    advance(name.count)
    return String(decoding: name, as: UTF8.self)
  }
}

extension Array where Element == UInt8 {
  func contains(subsequence: some Collection<UInt8>) -> Bool {
    guard !subsequence.isEmpty, count >= subsequence.count else { return subsequence.isEmpty }
    return (0...(count - subsequence.count)).contains { self[$0...].starts(with: subsequence) }
  }
}
