import Synchronization

/// What a server has counted since its start.
public struct ServerStatistics: Sendable, Hashable {
  /// TCP connections accepted.
  public var acceptedCount = 0
  /// Peers turned away before anything was read.
  public var turnedAwayCount = 0
  /// Opening handshakes that succeeded.
  public var openedCount = 0
  /// Requests refused with an HTTP status.
  public var refusedCount = 0
  /// Connections there are now, whatever their phase.
  public var activeCount = 0
  /// WebSockets that have ended.
  public var closedCount = 0
  /// Connections failed because the peer broke the protocol.
  public var violationCount = 0
  /// Connections ended because a deadline passed.
  public var timeoutCount = 0
  /// Connections that broke below WebSocket.
  public var transportErrorCount = 0
  /// Handlers of the application that have thrown.
  public var handlerErrorCount = 0
  /// Connections that were lost before they were up.
  public var acceptErrorCount = 0
  /// Messages that came; counted where `ServerConfiguration.countsTraffic` is on.
  public var receivedMessageCount = 0
  /// Messages that went; counted where `ServerConfiguration.countsTraffic` is on.
  public var sentMessageCount = 0
  /// Octets of WebSocket that came; counted where `ServerConfiguration.countsTraffic` is on.
  public var receivedByteCount = 0
  /// Octets of WebSocket that went; counted where `ServerConfiguration.countsTraffic` is on.
  public var sentByteCount = 0
  /// Broadcast messages handed to the kernel or left to wait, by receiver.
  public var broadcastCount = 0
  /// Broadcast messages that a slow receiver did not get.
  public var broadcastDroppedCount = 0
  /// How often a broadcast was compressed.
  public var broadcastCompressionCount = 0
  /// Opening handshakes that the next value is about.
  public var handshakeLatencyCount = 0
  /// The sum of the times from accepting to the answer, of all opening handshakes.
  public var handshakeLatencySum = Duration.zero
  /// Messages that the next value is about; counted where `ServerConfiguration.countsTraffic` is on.
  public var messageLatencyCount = 0
  /// The sum of the times that the handler took for messages.
  public var messageLatencySum = Duration.zero
}

/// The counters behind it, which all loops write to.
final class StatisticsCounters: Sendable {
  let accepted = Atomic<Int>(0)
  let turnedAway = Atomic<Int>(0)
  let opened = Atomic<Int>(0)
  let refused = Atomic<Int>(0)
  let closed = Atomic<Int>(0)
  let violations = Atomic<Int>(0)
  let timeouts = Atomic<Int>(0)
  let transportErrors = Atomic<Int>(0)
  let handlerErrors = Atomic<Int>(0)
  let acceptErrors = Atomic<Int>(0)
  let receivedMessages = Atomic<Int>(0)
  let sentMessages = Atomic<Int>(0)
  let receivedBytes = Atomic<Int>(0)
  let sentBytes = Atomic<Int>(0)
  let broadcasts = Atomic<Int>(0)
  let broadcastDrops = Atomic<Int>(0)
  let broadcastCompressions = Atomic<Int>(0)
  let handshakeNanoseconds = Atomic<Int>(0)
  let messageNanoseconds = Atomic<Int>(0)

  static func add(_ count: Int, to counter: borrowing Atomic<Int>) {
    counter.add(count, ordering: .relaxed)
  }

  func note(_ receipt: BroadcastReceipt) {
    Self.add(receipt.sentCount + receipt.queuedCount, to: broadcasts)
    Self.add(receipt.droppedCount + receipt.displacedCount, to: broadcastDrops)
    Self.add(receipt.compressionCount, to: broadcastCompressions)
  }

  func note(_ closure: ConnectionClosure) {
    Self.add(1, to: closed)
    switch closure.cause {
    case .violation: Self.add(1, to: violations)
    case .timeout: Self.add(1, to: timeouts)
    case .endOfStream, .transport: Self.add(1, to: transportErrors)
    case .peer, .local: break
    }
  }

  func snapshot(activeCount: Int) -> ServerStatistics {
    func value(_ counter: borrowing Atomic<Int>) -> Int { counter.load(ordering: .relaxed) }
    var now = ServerStatistics()
    now.acceptedCount = value(accepted)
    now.turnedAwayCount = value(turnedAway)
    now.openedCount = value(opened)
    now.refusedCount = value(refused)
    now.activeCount = activeCount
    now.closedCount = value(closed)
    now.violationCount = value(violations)
    now.timeoutCount = value(timeouts)
    now.transportErrorCount = value(transportErrors)
    now.handlerErrorCount = value(handlerErrors)
    now.acceptErrorCount = value(acceptErrors)
    now.receivedMessageCount = value(receivedMessages)
    now.sentMessageCount = value(sentMessages)
    now.receivedByteCount = value(receivedBytes)
    now.sentByteCount = value(sentBytes)
    now.broadcastCount = value(broadcasts)
    now.broadcastDroppedCount = value(broadcastDrops)
    now.broadcastCompressionCount = value(broadcastCompressions)
    now.handshakeLatencyCount = now.openedCount
    now.handshakeLatencySum = .nanoseconds(value(handshakeNanoseconds))
    now.messageLatencyCount = now.receivedMessageCount
    now.messageLatencySum = .nanoseconds(value(messageNanoseconds))
    return now
  }
}
