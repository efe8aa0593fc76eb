/// Reads the head of a request from octets that come in any portions.
///
/// Each octet is looked at once, however the head is cut; what is kept is the line that is not
/// complete yet and the fields so far.
public struct RequestHeadParser: Sendable {
  private var lines: HeadLines
  private var head: RequestHead?

  /// Makes a parser for one head.
  public init(limits: HeadLimits = HeadLimits()) {
    lines = HeadLines(limits: limits, tooLongStartLine: .uriTooLong)
  }

  /// Whether no octet of a head has come yet.
  public var isEmpty: Bool { lines.byteCount == 0 }

  /// Takes the next octets; returns the head once it is complete.
  /// - Parameter bytes: The octets after those of the last call.
  /// - Returns: The head and how many of `bytes` belong to it, or nil when more are needed.
  /// - Throws: ``HeadError``; the parser is of no more use then.
  public mutating func parse(
    _ bytes: Span<UInt8>
  ) throws(HeadError) -> (head: RequestHead, byteCount: Int)? {
    let isComplete = try lines.consume(bytes) { line throws(HeadError) in
      if head == nil {
        // RFC 9112 §2.2: an empty line before the request line is ignored.
        guard !line.isEmpty else {
          return false
        }
        head = try RequestHead(line: line)
      } else if line.isEmpty {
        return true
      } else {
        head?.fields.append(try HTTPField(line: line))
      }
      return false
    }
    guard let byteCount = isComplete, let head else {
      return nil
    }
    return (head, byteCount)
  }
}

/// Reads the head of a response from octets that come in any portions.
///
/// Each octet is looked at once, however the head is cut.
public struct ResponseHeadParser: Sendable {
  private var lines: HeadLines
  private var head: ResponseHead?

  /// Makes a parser for one head.
  public init(limits: HeadLimits = HeadLimits()) {
    lines = HeadLines(limits: limits, tooLongStartLine: .badRequest)
  }

  /// Whether no octet of a head has come yet.
  public var isEmpty: Bool { lines.byteCount == 0 }

  /// Takes the next octets; returns the head once it is complete.
  /// - Parameter bytes: The octets after those of the last call.
  /// - Returns: The head and how many of `bytes` belong to it, or nil when more are needed.
  /// - Throws: ``HeadError``; the parser is of no more use then.
  public mutating func parse(
    _ bytes: Span<UInt8>
  ) throws(HeadError) -> (head: ResponseHead, byteCount: Int)? {
    let isComplete = try lines.consume(bytes) { line throws(HeadError) in
      if head == nil {
        head = try ResponseHead(line: line)
      } else if line.isEmpty {
        return true
      } else {
        head?.fields.append(try HTTPField(line: line))
      }
      return false
    }
    guard let byteCount = isComplete, let head else {
      return nil
    }
    return (head, byteCount)
  }
}

/// Cuts octets into the lines of a head and holds them to the limits.
struct HeadLines: Sendable {
  private let limits: HeadLimits
  private let tooLongStartLine: HTTPResponse.Status
  /// The beginning of a line whose end has not come.
  private var partial: [UInt8] = []
  /// The octets of all lines that ended.
  private var endedByteCount = 0
  private var lineCount = 0

  init(limits: HeadLimits, tooLongStartLine: HTTPResponse.Status) {
    self.limits = limits
    self.tooLongStartLine = tooLongStartLine
  }

  /// The octets taken so far.
  var byteCount: Int { endedByteCount + partial.count }

  /// Calls `accept` for each line that ends, until it says that the head does.
  ///
  /// Returns how many of `bytes` belong to the head, or nil when it has not ended.
  mutating func consume(
    _ bytes: Span<UInt8>, accept: (Span<UInt8>) throws(HeadError) -> Bool
  ) throws(HeadError) -> Int? {
    var position = 0
    while position < bytes.count {
      try checkFirstOctet(bytes[position])
      let end = Self.lineFeed(in: bytes, from: position)
      try checkLimits(adding: (end ?? bytes.count) - position + (end == nil ? 0 : 1))
      guard let end else {
        partial.append(copying: bytes.extracting(position...))
        return nil
      }
      let isLast: Bool
      if partial.isEmpty {
        endedByteCount += end + 1 - position
        isLast = try accept(Self.content(of: bytes.extracting(position..<end)))
      } else {
        partial.append(copying: bytes.extracting(position..<end))
        endedByteCount += partial.count + 1
        isLast = try accept(Self.content(of: partial.span))
        partial.removeAll(keepingCapacity: true)
      }
      lineCount += 1
      position = end + 1
      if isLast {
        return position
      }
    }
    return nil
  }

  /// Refuses at once what can be no line of a head, without waiting for the line to end.
  private func checkFirstOctet(_ octet: UInt8) throws(HeadError) {
    guard partial.isEmpty, !Syntax.isTokenOctet(octet), octet != 0x0d else {
      return
    }
    guard lineCount > 0 else {
      throw .malformed("the first octet can begin no HTTP message")
    }
    guard !Syntax.isWhitespace(octet) else {
      // RFC 9112 §5.2: a server rejects obs-fold.
      throw .malformed("a field line is folded")
    }
  }

  private func checkLimits(adding count: Int) throws(HeadError) {
    let lineByteCount = partial.count + count
    if lineCount == 0, lineByteCount > limits.maximumStartLineByteCount {
      throw HeadError(
        tooLongStartLine,
        "the start line is longer than \(limits.maximumStartLineByteCount) octets")
    }
    if endedByteCount + lineByteCount > limits.maximumByteCount {
      throw HeadError(
        .requestHeaderFieldsTooLarge, "the head is longer than \(limits.maximumByteCount) octets")
    }
    // Beside the field lines there are the start line and the empty one.
    if lineCount > limits.maximumFieldCount + 1 {
      throw HeadError(
        .requestHeaderFieldsTooLarge,
        "the head has more than \(limits.maximumFieldCount) fields")
    }
  }

  private static func lineFeed(in bytes: Span<UInt8>, from start: Int) -> Int? {
    var index = start
    while index < bytes.count {
      if bytes[index] == 0x0a {
        return index
      }
      index &+= 1
    }
    return nil
  }

  /// The line without its CR, which must be there (RFC 9112 §2.2).
  @_lifetime(copy line)
  private static func content(of line: Span<UInt8>) throws(HeadError) -> Span<UInt8> {
    guard !line.isEmpty, line[line.count - 1] == 0x0d else {
      throw .malformed("a line ends with LF alone")
    }
    return line.extracting(droppingLast: 1)
  }
}

extension HTTPField {
  /// Reads a field line without its line end (RFC 9112 §5).
  init(line: Span<UInt8>) throws(HeadError) {
    var colon = 0
    while colon < line.count, Syntax.isTokenOctet(line[colon]) {
      colon += 1
    }
    guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else {
      // RFC 9112 §5.1: also white space before the colon.
      throw .malformed("a field line does not begin with a field name and a colon")
    }
    var start = colon + 1
    var end = line.count
    while start < end, Syntax.isWhitespace(line[start]) {
      start += 1
    }
    while end > start, Syntax.isWhitespace(line[end - 1]) {
      end -= 1
    }
    for index in start..<end where !Syntax.isFieldValueOctet(line[index]) {
      throw .malformed("a field value has a control character")
    }
    guard let name = HTTPField.Name(String(ascii: line.extracting(0..<colon))) else {
      throw .malformed("a field name is not a token")
    }
    let value = line.extracting(start..<end)
    if let text = try? UTF8Span(validating: value) {
      self.init(name: name, value: String(copying: text))
    } else {
      var octets: [UInt8] = []
      octets.append(copying: value)
      self.init(name: name, value: octets)
    }
  }
}

extension String {
  /// Makes text of octets; anything that is not UTF-8 is replaced.
  init(ascii octets: Span<UInt8>) {
    if let text = try? UTF8Span(validating: octets) {
      self.init(copying: text)
    } else {
      var bytes: [UInt8] = []
      bytes.append(copying: octets)
      self.init(decoding: bytes, as: UTF8.self)
    }
  }
}

extension [UInt8] {
  /// Appends all octets of a span.
  mutating func append(copying octets: Span<UInt8>) {
    append(addingCapacity: octets.count) { output in
      for index in octets.indices {
        output.append(octets[index])
      }
    }
  }
}
