/// What a Range field asks of a representation of a known length (RFC 9110 §14.2).
public enum ByteRanges: Hashable, Sendable {
  /// The whole: there is no Range, or it is to be ignored.
  case whole
  /// These parts, in the order asked for.
  case parts([Range<Int>])
  /// None of what is asked for exists: 416.
  case unsatisfiable

  /// Reads the field of a request.
  ///
  /// What is malformed, of another unit, in more parts than `maximumCount`, or longer in all than
  /// the representation itself (RFC 9110 §14.2: overlapping ranges are an attack) is ignored.
  public init(_ value: String?, length: Int, maximumCount: Int = 16) {
    self = .whole
    guard let value, value.utf8.count <= 1024,
      let equals = value.firstIndex(of: "="),
      Syntax.isEqualIgnoringCase(value[..<equals], "bytes")
    else { return }
    var parts: [Range<Int>] = []
    let specifications = value[value.index(after: equals)...].split(
      separator: ",", omittingEmptySubsequences: false)
    for specification in specifications {
      let text = specification.drop { $0 == " " || $0 == "\t" }
      let trimmed = text.prefix { $0 != " " && $0 != "\t" }
      let ends = trimmed.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      guard ends.count == 2 else { return }
      if ends[0].isEmpty {
        guard let suffix = Self.number(ends[1]) else { return }
        if suffix > 0, length > 0 { parts.append(max(0, length - suffix)..<length) }
      } else {
        guard let first = Self.number(ends[0]) else { return }
        var last = length - 1
        if !ends[1].isEmpty {
          guard let given = Self.number(ends[1]), given >= first else { return }
          last = min(last, given)
        }
        if first < length { parts.append(first..<(last + 1)) }
      }
    }
    guard !parts.isEmpty else {
      self = .unsatisfiable
      return
    }
    let total = parts.reduce(0) { $0 + $1.count }
    guard parts.count <= maximumCount, parts.count == 1 || total <= length else { return }
    self = .parts(parts)
  }

  private static func number(_ text: Substring) -> Int? {
    guard 1...18 ~= text.utf8.count,
      text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
    else { return nil }
    return Int(text)
  }
}
