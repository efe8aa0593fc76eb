public import CaseLanguage
import Synchronization
public import WebSocketProtocol

/// The compressed forms of the messages of an exchange: the same octets for every case that sends the
/// same messages under the same parameters, so they are computed once.
public final class CompressedStream: Sendable {
  /// What the octets depend on.
  public struct Key: Hashable, Sendable {
    /// The messages.
    public var content: Step.Exchange.Content
    /// Our role: whose parameters count.
    public var role: Role
    /// The bits of our window.
    public var windowBits: Int
    /// Whether each message is compressed on its own.
    public var forgets: Bool
  }

  private struct State: ~Copyable {
    var compressor: MessageCompressor
    var messages: [[UInt8]] = []
    var byteCount = 0
  }

  private let state: Mutex<State>
  /// How many players use it now.
  private let users = Atomic<Int>(0)

  /// No message has been compressed yet.
  public init(_ key: Key) {
    let agreement = PerMessageDeflate.Agreement(
      serverNoContextTakeover: key.forgets, clientNoContextTakeover: key.forgets,
      serverMaxWindowBits: key.windowBits, clientMaxWindowBits: key.windowBits)
    state = Mutex(State(compressor: MessageCompressor(agreement: agreement, role: key.role)))
  }

  /// The octets that are kept.
  public var byteCount: Int { state.withLock { $0.byteCount } }

  /// The compressed message `index`; the next one is compressed if nobody has asked for it yet.
  func message(_ index: Int, _ octets: () -> ExpectedOctets) -> [UInt8] {
    state.withLock { state in
      if index < state.messages.count { return state.messages[index] }
      precondition(index == state.messages.count, "messages are asked for in order")
      let plain = octets()
      var compressed: [UInt8] = []
      state.compressor.compress(plain.storage.span.extracting(plain.range), to: &compressed)
      compressed = Array(compressed)
      state.messages.append(compressed)
      state.byteCount += compressed.count
      return compressed
    }
  }

  var isInUse: Bool { users.load(ordering: .relaxed) > 0 }
  func retain() { users.add(1, ordering: .relaxed) }
  func release() { users.subtract(1, ordering: .relaxed) }
}

/// Compressed streams that several cases share, within a bound on memory.
public final class CompressedStreamCache: Sendable {
  private struct State {
    var streams: [CompressedStream.Key: CompressedStream] = [:]
    /// From the least recently to the most recently wanted.
    var order: [CompressedStream.Key] = []
  }

  private let state = Mutex(State())
  private let byteCountLimit: Int

  /// A cache that forgets streams that nobody uses once they are larger than this together.
  public init(byteCountLimit: Int = 256 << 20) {
    self.byteCountLimit = byteCountLimit
  }

  /// The stream for `key`, marked as in use until it is released.
  func stream(_ key: CompressedStream.Key) -> CompressedStream {
    state.withLock { state in
      let stream = state.streams[key] ?? CompressedStream(key)
      stream.retain()
      state.streams[key] = stream
      state.order.removeAll { $0 == key }
      state.order.append(key)
      evict(&state)
      return stream
    }
  }

  private func evict(_ state: inout State) {
    var total = state.streams.values.reduce(0) { $0 + $1.byteCount }
    for key in state.order where total > byteCountLimit {
      guard let stream = state.streams[key], !stream.isInUse else { continue }
      total -= stream.byteCount
      state.streams[key] = nil
      state.order.removeAll { $0 == key }
    }
  }
}
