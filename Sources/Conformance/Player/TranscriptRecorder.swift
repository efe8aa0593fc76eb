public import WebSocketProtocol

/// What has been on the wire, within bounds: the first entries and the last ones, and counters of all.
public final class TranscriptRecorder {
  /// How much is kept.
  public struct Limits: Sendable {
    /// How many of the first entries.
    public var firstCount = 64
    /// How many of the last entries.
    public var lastCount = 32
    /// How many octets of each payload.
    public var excerptByteCount = 64

    /// The defaults.
    public init() {}
  }

  /// One entry.
  public struct Entry: Sendable {
    /// When it was.
    public var instant: ContinuousClock.Instant
    /// What it was.
    public var content: Content

    /// What an entry is about.
    public enum Content: Sendable {
      /// A frame, with the beginning of its payload.
      case frame(FrameHeader, excerpt: [UInt8], isSent: Bool)
      /// A half of the opening handshake.
      case head([UInt8], isSent: Bool)
      /// Octets that are no frame, or a part of one.
      case octets(excerpt: [UInt8], byteCount: Int, isSent: Bool)
      /// A remark.
      case note(String)
    }
  }

  /// The counts of one direction.
  public struct Counts: Sendable, Equatable {
    /// Frames by opcode.
    public var frames = [Int](repeating: 0, count: 16)
    /// Octets of frames, headers included.
    public var wireByteCount = 0
    /// Octets of the payloads of data frames, as they were on the wire.
    public var payloadByteCount = 0

    /// Nothing was counted.
    public init() {}

    /// Data frames of all kinds.
    public var dataFrameCount: Int { frames[0] + frames[1] + frames[2] }

    mutating func count(_ header: FrameHeader) {
      frames[Int(header.opcode.rawValue)] += 1
      let payload = Int(clamping: header.payloadLength)
      wireByteCount = wireByteCount.addingReportingOverflow(payload).partialValue
      wireByteCount &+= header.byteCount
      if !header.opcode.isControl { payloadByteCount &+= payload }
    }
  }

  /// What was sent.
  public private(set) var sent = Counts()
  /// What arrived.
  public private(set) var received = Counts()
  /// Reads by how many octets they gave.
  public private(set) var reads: [Int: Int] = [:]
  /// Writes by how many octets they had.
  public private(set) var writes: [Int: Int] = [:]
  /// When the case began.
  public private(set) var startedAt: ContinuousClock.Instant?
  private let limits: Limits
  private var first: [Entry] = []
  private var last: [Entry] = []
  private var totalCount = 0

  /// A recorder that keeps what `limits` say.
  public init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// The entries that were kept, in order.
  public var entries: [Entry] {
    let dropped = totalCount - first.count
    guard last.count == limits.lastCount, limits.lastCount > 0 else { return first + last }
    let oldest = dropped % limits.lastCount
    return first + last[oldest...] + last[..<oldest]
  }

  /// How many entries were not kept; they were between the first and the last ones.
  public var omittedCount: Int { totalCount - first.count - last.count }
  /// How many of ``entries`` come before those that were not kept.
  public var leadingCount: Int { first.count }

  /// The case begins.
  public func begin(at now: ContinuousClock.Instant) { startedAt = now }

  func frame(
    _ header: FrameHeader, _ payload: Span<UInt8>, isSent: Bool, at now: ContinuousClock.Instant
  ) {
    if isSent { sent.count(header) } else { received.count(header) }
    guard isKept else {
      totalCount += 1
      return
    }
    append(.frame(header, excerpt: excerpt(of: payload), isSent: isSent), at: now)
  }

  func head(_ octets: [UInt8], isSent: Bool, at now: ContinuousClock.Instant) {
    append(.head(Array(octets.prefix(AnswerReading.keptByteCount)), isSent: isSent), at: now)
  }

  func octets(_ bytes: Span<UInt8>, isSent: Bool, at now: ContinuousClock.Instant) {
    append(.octets(excerpt: excerpt(of: bytes), byteCount: bytes.count, isSent: isSent), at: now)
  }

  func note(_ text: String, at now: ContinuousClock.Instant) { append(.note(text), at: now) }

  func read(byteCount: Int) { reads[byteCount, default: 0] += 1 }

  func wrote(byteCount: Int, ofHeads headByteCount: Int) {
    let count = byteCount - headByteCount
    if count > 0 { writes[count, default: 0] += 1 }
  }

  private var isKept: Bool { limits.firstCount + limits.lastCount > 0 }

  private func excerpt(of bytes: Span<UInt8>) -> [UInt8] {
    let count = min(bytes.count, limits.excerptByteCount)
    guard count > 0 else { return [] }
    var excerpt: [UInt8] = []
    excerpt.reserveCapacity(count)
    for index in 0..<count { excerpt.append(bytes[index]) }
    return excerpt
  }

  private func append(_ content: Entry.Content, at now: ContinuousClock.Instant) {
    let entry = Entry(instant: now, content: content)
    if first.count < limits.firstCount {
      first.append(entry)
    } else if last.count < limits.lastCount {
      last.append(entry)
    } else if limits.lastCount > 0 {
      last[(totalCount - first.count) % limits.lastCount] = entry
    }
    totalCount += 1
  }
}
