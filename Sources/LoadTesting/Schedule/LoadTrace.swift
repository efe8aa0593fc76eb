public import WebSocketProtocol

/// Messages with the times at which somebody once sent them, to be sent again at the same distances.
///
/// A trace is CSV with a header line, or JSON Lines:
///
/// ```
/// time,connection,size,kind,payload
/// 0.000,alice,20,text,
/// 0.125,bob,11,text,hello world
/// ```
/// ```
/// {"time": 0.000, "connection": "alice", "size": 20, "kind": "text"}
/// ```
///
/// `time` is in seconds from any origin; the first message is due at once. `connection` is any name. A
/// message needs `size` or `payload`, in Base64 where `kind` is `binary`; `kind` is `text` unless said.
public struct LoadTrace: Sendable, Equatable {
  /// One message.
  public struct Message: Sendable, Equatable {
    /// When it is due, in nanoseconds after the first message.
    public var time: Int64
    /// On which connection, counted from 0 in the order in which they first send.
    public var connection: Int
    /// How many octets it has.
    public var byteCount: Int
    /// Text or binary.
    public var kind: MessageKind
    /// What it carries; nil: generated octets.
    public var payload: [UInt8]?
  }

  /// Why a trace cannot be played.
  public struct Problem: Error, Equatable, CustomStringConvertible {
    /// The line of the file, from 1 on; nil for the file as a whole.
    public var line: Int?
    /// What is wrong, and what was expected.
    public var words: String

    /// The problem behind its line.
    public var description: String { (line.map { "line \($0): " } ?? "") + words }
  }

  /// All messages, the first to be sent first.
  public let messages: [Message]
  /// How many connections they need.
  public let connectionCount: Int

  /// The time from the first message to the last.
  public var duration: Duration { .nanoseconds(messages.last?.time ?? 0) }

  /// Reads a trace.
  ///
  /// - Throws: ``Problem`` with the line that is wrong.
  public init(parsing octets: [UInt8]) throws(Problem) {
    let first = octets.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
    let rows =
      first == UInt8(ascii: "{") ? try TraceLines.read(octets) : try TraceTable.read(octets)
    guard !rows.isEmpty else {
      throw Problem(line: nil, words: "there is no message in it")
    }
    // Those of equal times stay in the file's order.
    let sorted = rows.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    let origin = sorted[0].element.time
    var names: [String: Int] = [:]
    var messages: [Message] = []
    messages.reserveCapacity(rows.count)
    for (_, row) in sorted {
      let offset = row.time - origin
      guard offset <= 30 * 86_400 else {
        throw Problem(line: row.line, words: "time: more than 30 days after the first message")
      }
      let connection = names[row.connection] ?? names.count
      names[row.connection] = connection
      messages.append(try row.message(at: Int64((offset * 1e9).rounded()), connection))
    }
    guard names.count <= 1_000_000 else {
      throw Problem(line: nil, words: "\(names.count) connections are more than 1000000")
    }
    self.messages = messages
    connectionCount = names.count
  }

  private init(messages: [Message], connectionCount: Int) {
    self.messages = messages
    self.connectionCount = connectionCount
  }

  /// The messages of a shard's connections, which are numbered anew.
  func part(of shard: LoadShard) -> LoadTrace {
    var own = messages.filter { $0.connection % shard.count == shard.index }
    for index in own.indices { own[index].connection /= shard.count }
    return LoadTrace(messages: own, connectionCount: shard.share(of: connectionCount))
  }

  /// How many octets a message has on average.
  public var meanByteCount: Int {
    messages.isEmpty ? 0 : messages.reduce(0) { $0 + $1.byteCount } / messages.count
  }

  /// Messages per second on average.
  public var meanRate: Double {
    let seconds = Double(duration.nanoseconds) / 1e9
    return Double(messages.count) / max(seconds, 0.001)
  }
}

/// One row of a trace as it was written.
struct TraceRow {
  var line: Int
  /// In seconds.
  var time: Double
  var connection: String
  var size: Int?
  var kind: MessageKind
  var payload: String?

  /// Takes the columns of a row as texts.
  init(line: Int, _ column: (String) -> String?) throws(LoadTrace.Problem) {
    self.line = line
    func text(_ name: String) -> String? { column(name).flatMap { $0.isEmpty ? nil : $0 } }
    guard let time = text("time").flatMap({ Double($0) }), time.isFinite else {
      throw LoadTrace.Problem(
        line: line, words: "time: expected seconds, not \(Self.quoted(text("time")))")
    }
    self.time = time
    connection = text("connection") ?? ""
    size = nil
    if let written = text("size") {
      guard let size = Int(written), 0...LoadPlan.payloadByteCountLimit ~= size else {
        throw LoadTrace.Problem(
          line: line,
          words: "size: expected 0 to \(LoadPlan.payloadByteCountLimit) octets, not "
            + Self.quoted(written))
      }
      self.size = size
    }
    switch text("kind") {
    case nil, "text": kind = .text
    case "binary": kind = .binary
    case let other:
      throw LoadTrace.Problem(
        line: line, words: "kind: expected text or binary, not \(Self.quoted(other))")
    }
    payload = text("payload")
    guard size != nil || payload != nil else {
      throw LoadTrace.Problem(line: line, words: "expected a size or a payload")
    }
  }

  func message(at time: Int64, _ connection: Int) throws(LoadTrace.Problem) -> LoadTrace.Message {
    var octets: [UInt8]?
    if let payload {
      octets = kind == .text ? Array(payload.utf8) : Self.octets(base64: payload)
      guard let octets else {
        throw LoadTrace.Problem(line: line, words: "payload: that of a binary message is Base64")
      }
      guard size == nil || size == octets.count else {
        throw LoadTrace.Problem(
          line: line, words: "size: \(size ?? 0), but the payload has \(octets.count) octets")
      }
    }
    return LoadTrace.Message(
      time: time, connection: connection, byteCount: octets?.count ?? size ?? 0, kind: kind,
      payload: octets)
  }

  private static func quoted(_ text: String?) -> String {
    text.map { "'\($0.prefix(40))'" } ?? "nothing"
  }
}
