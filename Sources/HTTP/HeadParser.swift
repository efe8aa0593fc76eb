/// The head of an HTTP message: a start line and fields (RFC 9112 §2.1).
public protocol MessageHead: Sendable {
  /// The fields in the order they were sent.
  var fields: HTTPFields { get set }

  /// Whether an empty line before the start line is ignored.
  static var ignoresEmptyLineBefore: Bool { get }
  /// What a start line that is too long is answered with.
  static var tooLongStartLine: HTTPResponse.Status { get }

  /// Reads a start line without its line end.
  ///
  /// - Throws: ``HeadError`` when it is none.
  init(line: Span<UInt8>) throws(HeadError)
}

/// Reads a head from octets that come in any portions.
///
/// Each octet is looked at once, however the head is cut; what is kept is the line that is not
/// complete yet and the fields so far.
public struct HeadParser<Head: MessageHead>: Sendable {
  private var lines: HeadLines
  private var head: Head?

  /// Makes a parser for one head.
  public init(limits: HeadLimits = HeadLimits()) {
    lines = HeadLines(limits: limits, tooLongStartLine: Head.tooLongStartLine)
  }

  /// Whether no octet of a head has come yet.
  public var isEmpty: Bool { lines.byteCount == 0 }

  /// Takes the next octets; returns the head once it is complete.
  /// - Parameter bytes: The octets after those of the last call.
  /// - Returns: The head and how many of `bytes` belong to it, or nil when more are needed.
  /// - Throws: ``HeadError``; the parser is of no more use then.
  public mutating func parse(
    _ bytes: Span<UInt8>
  ) throws(HeadError) -> (head: Head, byteCount: Int)? {
    let byteCount = try lines.consume(bytes) { line throws(HeadError) in
      if head == nil {
        if line.isEmpty, Head.ignoresEmptyLineBefore { return false }
        head = try Head(line: line)
      } else if line.isEmpty {
        return true
      } else {
        head?.fields.append(try HTTPField(line: line))
      }
      return false
    }
    guard let byteCount, let head else { return nil }
    return (head, byteCount)
  }
}

/// Reads the head of a request.
public typealias RequestHeadParser = HeadParser<RequestHead>

/// Reads the head of a response.
public typealias ResponseHeadParser = HeadParser<ResponseHead>
