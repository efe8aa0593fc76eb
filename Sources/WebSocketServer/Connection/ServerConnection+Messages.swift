import Transport
import WebSocketProtocol

/// The batch: one read's events to the handler, one write at its end.
extension ServerConnection {
  /// Handles one read of an open connection, and holds what a pause left.
  func receiveMessages(_ bytes: inout MutableSpan<UInt8>) {
    guard !isHolding, pauses.isEmpty else { return hold(bytes.span) }
    let left = process(&bytes)
    guard left > 0 else { return }
    hold(bytes.span.extracting(last: left))
    outputMayHaveGone()
  }

  var isHolding: Bool {
    guard let extra else { return false }
    return !extra.held.isEmpty
  }

  private func hold(_ bytes: Span<UInt8>) {
    let extra = needExtra()
    bytes.append(to: &extra.held)
  }

  func needExtra() -> Extra {
    if let extra { return extra }
    let made = Extra()
    extra = made
    return made
  }

  /// Handles octets until they end or the connection is paused; returns how many are left.
  private func process(_ bytes: inout MutableSpan<UInt8>) -> Int {
    guard !isActive else { return bytes.count }
    isActive = true
    let count = bytes.count
    // The one access to `active` of the whole batch.
    let (left, outcome) = active.handle(&bytes, of: self)
    isActive = false
    if outcome != .open || !watches.isEmpty {
      noteBatch(byteCount: count - left)
      settle(outcome, at: loop.now)
    }
    return phase == .open ? left : 0
  }

  /// Ends a pause; goes on with what was held, then with reading.
  func resume(_ pause: Pauses) {
    guard pauses.contains(pause) else { return }
    pauses.remove(pause)
    guard pauses.isEmpty, !isActive else { return }
    processHeld()
    guard pauses.isEmpty, phase != .gone else { return }
    if hasSeenEndOfStream && phase == .open { return endOfStream() }
    resumeReading()
  }

  private func processHeld() {
    while pauses.isEmpty, let extra, !extra.held.isEmpty {
      processHeld(extra)
      guard pauses.contains(.output), pendingByteCount == 0 else { continue }
      active.isCongested = false
      pauses.remove(.output)
    }
  }

  /// Ends a pause for output that went while a call was under way, when `writable()` could not.
  func outputMayHaveGone() {
    guard pauses.contains(.output), pendingByteCount == 0, phase == .open else { return }
    active.isCongested = false
    resume(.output)
  }

  private func processHeld(_ extra: Extra) {
    var bytes: [UInt8] = []
    swap(&bytes, &extra.held)
    var left = 0
    if phase == .open {
      var all = bytes.mutableSpan
      var rest = all._mutatingExtracting(extra.heldStart..<all.count)
      left = process(&rest)
    }
    guard left > 0 else {
      extra.heldStart = 0
      return
    }
    extra.heldStart = bytes.count - left
    swap(&bytes, &extra.held)
  }
}
