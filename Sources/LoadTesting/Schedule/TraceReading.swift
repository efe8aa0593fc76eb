import FoundationEssentials

extension TraceRow {
  static func octets(base64 text: String) -> [UInt8]? {
    Data(base64Encoded: text).map { [UInt8]($0) }
  }
}

/// A trace in JSON Lines: an object a line.
enum TraceLines {
  private enum Value: Decodable {
    case text(String)
    case number(Double)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .number(try container.decode(Double.self))
      }
    }

    var text: String {
      switch self {
      case .text(let text): text
      case .number(let number):
        number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
      }
    }
  }

  static func read(_ octets: [UInt8]) throws(LoadTrace.Problem) -> [TraceRow] {
    var rows: [TraceRow] = []
    let decoder = JSONDecoder()
    for (index, line) in octets.split(separator: 0x0a, omittingEmptySubsequences: false)
      .enumerated()
    where !line.allSatisfy({ [0x20, 0x09, 0x0d].contains($0) }) {
      guard let object = try? decoder.decode([String: Value?].self, from: Data(line)) else {
        throw LoadTrace.Problem(
          line: index + 1, words: "expected a JSON object with texts and numbers")
      }
      rows.append(try TraceRow(line: index + 1) { name in object[name].flatMap { $0?.text } })
    }
    return rows
  }
}

/// A trace in CSV (RFC 4180) with a header line that names the columns.
enum TraceTable {
  static func read(_ octets: [UInt8]) throws(LoadTrace.Problem) -> [TraceRow] {
    var reader = CSVReader(octets)
    guard let header = try reader.next() else { return [] }
    let names = header.fields.map { field in
      String(field.drop { $0 == " " || $0 == "\u{feff}" }).lowercased()
    }
    guard names.contains("time"), names.contains("size") || names.contains("payload") else {
      throw LoadTrace.Problem(
        line: header.line,
        words: "expected a header line such as time,connection,size,kind,payload")
    }
    var rows: [TraceRow] = []
    while let row = try reader.next() {
      if row.fields.count == 1, row.fields[0].isEmpty { continue }
      guard row.fields.count == names.count else {
        throw LoadTrace.Problem(
          line: row.line, words: "\(row.fields.count) fields, where the header has \(names.count)")
      }
      rows.append(
        try TraceRow(line: row.line) { name in
          names.firstIndex(of: name).map { row.fields[$0] }
        })
    }
    return rows
  }
}

/// Records of comma-separated values, quotes and line breaks within them included.
struct CSVReader {
  private let octets: [UInt8]
  private var position = 0
  private var line = 1

  init(_ octets: [UInt8]) {
    self.octets = octets
  }

  /// The next record with the line on which it begins; nil at the end.
  mutating func next() throws(LoadTrace.Problem) -> (line: Int, fields: [String])? {
    guard position < octets.count else { return nil }
    let first = line
    var fields: [String] = []
    while true {
      let field = try nextField(from: first)
      guard let text = String(validating: field, as: UTF8.self) else {
        throw LoadTrace.Problem(line: first, words: "it is not UTF-8")
      }
      fields.append(text)
      guard position < octets.count else { return (first, fields) }
      let end = octets[position]
      position += 1
      if end == UInt8(ascii: "\n") {
        line += 1
        return (first, fields)
      }
    }
  }

  /// The octets of a field; the position is then at what ends it.
  private mutating func nextField(from first: Int) throws(LoadTrace.Problem) -> [UInt8] {
    var field: [UInt8] = []
    guard position < octets.count, octets[position] == UInt8(ascii: "\"") else {
      while position < octets.count, octets[position] != UInt8(ascii: ","),
        octets[position] != UInt8(ascii: "\n")
      {
        field.append(octets[position])
        position += 1
      }
      if field.last == UInt8(ascii: "\r"), position == octets.count || octets[position] == 0x0a {
        field.removeLast()
      }
      return field
    }
    position += 1
    while position < octets.count {
      let octet = octets[position]
      position += 1
      if octet == UInt8(ascii: "\n") { line += 1 }
      guard octet == UInt8(ascii: "\"") else {
        field.append(octet)
        continue
      }
      if position < octets.count, octets[position] == UInt8(ascii: "\"") {
        position += 1
        field.append(octet)
        continue
      }
      if position < octets.count, octets[position] == UInt8(ascii: "\r") { position += 1 }
      guard position == octets.count || octets[position] == 0x0a || octets[position] == 0x2c
      else {
        throw LoadTrace.Problem(line: first, words: "expected a comma after the closing quote")
      }
      return field
    }
    throw LoadTrace.Problem(line: first, words: "a quote is never closed")
  }
}
