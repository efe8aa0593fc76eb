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
