/// Reads a multipart body part by part (RFC 2046 §5.1, RFC 7578), from octets in any portions.
///
/// Nothing but the octets that might begin a delimiter, or the head of a part, is kept; content is
/// handed on as it comes.
public struct MultipartParser: Sendable {
  /// What was found, in order.
  public enum Event: Hashable, Sendable {
    /// A part begins, with these fields.
    case part(HTTPFields)
    /// Octets of the part.
    case content([UInt8])
    /// The part is complete.
    case partEnd
    /// The body is complete; what follows is ignored.
    case end
  }

  /// Bounds on what a sender may make of a body.
  public struct Limits: Hashable, Sendable {
    /// The most parts.
    public var partCount = 256
    /// The most octets of the head of one part.
    public var headByteCount = 8 << 10
    /// The most fields in the head of one part.
    public var fieldCount = 16

    /// The limits as documented.
    public init() {}
  }

  private enum State {
    case content, afterDelimiter, head, end
  }

  private let delimiter: [UInt8]
  private let limits: Limits
  private var state = State.content
  private var isInPart = false
  private var partCount = 0
  /// What is not decided yet.
  private var buffer: [UInt8]

  /// Begins to read a body.
  /// - Parameters:
  ///   - contentType: The value of Content-Type, whose boundary is used.
  ///   - limits: Bounds on the sender.
  /// - Throws: ``HeadError`` with 415 when it is no multipart type, 400 without a good boundary.
  public init(contentType: String, limits: Limits = Limits()) throws(HeadError) {
    guard let type = FieldParameters(contentType),
      type.value.lowercased().hasPrefix("multipart/")
    else { throw HeadError(.unsupportedMediaType, "the body is not multipart") }
    guard let boundary = type["boundary"], 1...70 ~= boundary.utf8.count,
      boundary.utf8.allSatisfy({ 0x20...0x7e ~= $0 }), !boundary.hasSuffix(" ")
    else { throw .malformed("the multipart boundary is missing or not 1 to 70 characters") }
    delimiter = [0x0d, 0x0a, UInt8(ascii: "-"), UInt8(ascii: "-")] + Array(boundary.utf8)
    self.limits = limits
    // The first delimiter may stand at the very beginning, without the CR LF that is part of it.
    buffer = [0x0d, 0x0a]
  }

  /// Whether the final delimiter has come.
  public var isComplete: Bool { state == .end }

  /// Takes the next octets and appends what was found.
  /// - Parameters:
  ///   - bytes: The octets after those of the last call.
  ///   - events: The array that is appended to.
  /// - Throws: ``HeadError`` when the body is malformed or beyond a limit.
  public mutating func parse(
    _ bytes: Span<UInt8>, into events: inout [Event]
  ) throws(HeadError) {
    guard state != .end else { return }
    buffer.append(copying: bytes)
    while try advance(&events) {}
  }

  private mutating func advance(_ events: inout [Event]) throws(HeadError) -> Bool {
    switch state {
    case .content: return takeContent(&events)
    case .afterDelimiter: return try takeDelimiterEnd(&events)
    case .head: return try takeHead(&events)
    case .end:
      buffer = []
      return false
    }
  }

  /// Hands content on up to the next delimiter; without one, all that cannot begin one.
  private mutating func takeContent(_ events: inout [Event]) -> Bool {
    let found = position(of: delimiter)
    let end = found ?? safeEnd()
    if isInPart, end > 0 { events.append(.content(Array(buffer[..<end]))) }
    guard let found else {
      buffer.removeFirst(end)
      return false
    }
    buffer.removeFirst(found + delimiter.count)
    if isInPart { events.append(.partEnd) }
    isInPart = false
    state = .afterDelimiter
    return true
  }

  /// After a delimiter: two hyphens end the body, CR LF begins a part.
  private mutating func takeDelimiterEnd(_ events: inout [Event]) throws(HeadError) -> Bool {
    guard buffer.count >= 2 else { return false }
    if buffer[0] == UInt8(ascii: "-"), buffer[1] == UInt8(ascii: "-") {
      state = .end
      events.append(.end)
      return true
    }
    // RFC 2046 §5.1.1 lets transport padding follow the boundary.
    let padding = buffer.prefix { Syntax.isWhitespace($0) }.count
    guard padding <= 64 else { throw .malformed("a multipart delimiter is padded without end") }
    guard buffer.count >= padding + 2 else { return false }
    guard buffer[padding] == 0x0d, buffer[padding + 1] == 0x0a else {
      throw .malformed("a multipart delimiter does not end its line")
    }
    partCount += 1
    guard partCount <= limits.partCount else {
      throw HeadError(.contentTooLarge, "the body has more than \(limits.partCount) parts")
    }
    buffer.removeFirst(padding + 2)
    state = .head
    return true
  }

  private mutating func takeHead(_ events: inout [Event]) throws(HeadError) -> Bool {
    let end: Int
    if buffer.starts(with: [0x0d, 0x0a]) {
      end = 0
    } else if let found = position(of: [0x0d, 0x0a, 0x0d, 0x0a]) {
      end = found + 2
    } else {
      guard buffer.count <= limits.headByteCount else { throw headTooLong() }
      return false
    }
    guard end <= limits.headByteCount else { throw headTooLong() }
    var fields = HTTPFields()
    var start = 0
    var count = 0
    while start < end {
      var lineEnd = start
      while lineEnd + 1 < end, buffer[lineEnd] != 0x0d || buffer[lineEnd + 1] != 0x0a {
        lineEnd += 1
      }
      count += 1
      guard count <= limits.fieldCount else {
        throw HeadError(
          .contentTooLarge, "a part has more than \(limits.fieldCount) fields")
      }
      fields.append(try HTTPField(line: buffer.span.extracting(start..<lineEnd)))
      start = lineEnd + 2
    }
    buffer.removeFirst(end + 2)
    events.append(.part(fields))
    isInPart = true
    state = .content
    return true
  }

  private func headTooLong() -> HeadError {
    HeadError(
      .contentTooLarge, "the head of a part is longer than \(limits.headByteCount) octets")
  }

  /// How many octets at the beginning can belong to no delimiter.
  private func safeEnd() -> Int {
    let first = max(0, buffer.count - delimiter.count + 1)
    for start in first..<max(first, buffer.count)
    where delimiter.starts(with: buffer[start...]) {
      return start
    }
    return buffer.count
  }

  private func position(of pattern: [UInt8]) -> Int? {
    guard buffer.count >= pattern.count else { return nil }
    let span = buffer.span
    var start = 0
    while start <= span.count - pattern.count {
      if span[start] == pattern[0] {
        var length = 1
        while length < pattern.count, span[start + length] == pattern[length] { length += 1 }
        if length == pattern.count { return start }
      }
      start += 1
    }
    return nil
  }
}
