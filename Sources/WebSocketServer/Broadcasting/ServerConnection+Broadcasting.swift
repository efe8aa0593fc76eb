import Transport
import WebSocketProtocol

/// Channels, and messages that a connection shares with others.
extension ServerConnection {
  /// The channels that the connection has subscribed to.
  public var channels: Set<String> { extra?.channels ?? [] }

  /// Subscribes the connection to a channel, until it ends.
  public func subscribe(to channel: String) {
    guard phase == .open, host.channels.add(self, to: channel) else { return }
    needExtra().channels.insert(channel)
  }

  /// Ends a subscription.
  public func unsubscribe(from channel: String) {
    guard let extra, extra.channels.remove(channel) != nil else { return }
    host.channels.remove(self, from: channel)
  }

  func leaveAllChannels() {
    guard let extra else { return }
    for channel in extra.channels { host.channels.remove(self, from: channel) }
    extra.channels = []
  }

  /// Sends a shared message, or has it wait, as the policy for slow consumers wants.
  func deliver(_ shared: SharedMessage, _ receipt: inout BroadcastReceipt) {
    guard phase == .open, !isActive, active.core.isOpen else { return }
    let encoded = shared.encoded(for: active.core.encodingParameters)
    if pendingByteCount == 0, active.core.canSendEncoded, !hasQueue {
      active.core.sentEncoded(encoded)
      write(encoded.frames.span)
      receipt.sentCount += 1
    } else {
      enqueue(encoded, &receipt)
    }
  }

  var hasQueue: Bool {
    guard let extra else { return false }
    return !extra.queue.isEmpty
  }

  private func enqueue(_ encoded: EncodedMessage, _ receipt: inout BroadcastReceipt) {
    let limit = host.queueLimit
    let extra = needExtra()
    let needed = encoded.frames.count
    if pendingByteCount + extra.queue.byteCount + needed > limit {
      switch host.context.configuration.slowConsumers {
      case .wait:
        receipt.droppedCount += 1
        // What waits only for the end of a message in fragments is not the peer's slowness.
        if pendingByteCount > 0 { becomeCongested() }
        return
      case .dropNewest:
        receipt.droppedCount += 1
        return
      case .close:
        receipt.closedCount += 1
        extra.queue.removeAll()
        return close(.tryAgainLater, reason: "too slow")
      case .dropOldest:
        while pendingByteCount + extra.queue.byteCount + needed > limit,
          extra.queue.popFirst() != nil
        {
          receipt.displacedCount += 1
        }
        guard pendingByteCount + extra.queue.byteCount + needed <= limit else {
          receipt.droppedCount += 1
          return
        }
      }
    }
    extra.queue.append(encoded)
    receipt.queuedCount += 1
  }

  /// Nothing more is taken for the peer, nor read from it, until it has taken what waits.
  func becomeCongested() {
    guard !pauses.contains(.output) else { return }
    active.isCongested = true
    pauses.insert(.output)
    pauseReading()
    host.context.observe(.congested(id))
  }

  /// Hands what waits to the kernel, as far as it takes it.
  func feedQueue() {
    guard phase == .open, !isActive, let extra, !extra.queue.isEmpty else { return }
    guard active.core.isOpen else { return extra.queue.removeAll() }
    while pendingByteCount == 0, active.core.canSendEncoded, let next = extra.queue.popFirst() {
      active.core.sentEncoded(next)
      write(next.frames.span)
    }
  }
}
