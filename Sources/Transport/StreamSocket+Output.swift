internal import CLinux
internal import Glibc

extension StreamSocket {
  /// Sends `bytes`: what the kernel does not take at once is kept and follows in order.
  ///
  /// After `close()`, `shutdownOutput()` or a failure, and before `connected`, nothing is sent.
  public final func write(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    // The pointers are used during the call only.
    unsafe bytes.withUnsafeBytes { bytes in
      guard flags.isPlainAndSending else {
        return unsafe writeUnusual(bytes, UnsafeRawBufferPointer(start: nil, count: 0))
      }
      let sent = unsafe sendNow(bytes)
      guard sent >= 0 else { return failOutput() }
      if sent < bytes.count {
        unsafe keep(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
      }
    }
  }

  /// Sends `bytes` at the end of this part of the loop's turn, when the other sockets have been heard;
  /// at once if they are many, or if the socket writes again before.
  ///
  /// For answers to what has come in: it spares the processor, and the peer wake-ups. What is put off
  /// does not count as pending.
  @inline(__always)
  public final func writeAtTurnEnd(_ bytes: Span<UInt8>) {
    guard flags.isPlainAndSending, 1...TurnOutput.octetsPerSocket ~= bytes.count else {
      return write(bytes)
    }
    flags.insert(.outputPutOff)
    unsafe bytes.withUnsafeBytes { unsafe loop.putOff($0, of: self) }
  }

  /// Sends `head` and then `body` with one system call and without copying them together.
  public final func write(_ head: Span<UInt8>, _ body: Span<UInt8>) {
    // The pointers are used during the call only.
    unsafe head.withUnsafeBytes { head in
      unsafe body.withUnsafeBytes { body in
        guard flags.isPlainAndSending else { return unsafe writeUnusual(head, body) }
        unsafe writePlain(head, body)
      }
    }
  }

  private final func writePlain(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) {
    let sent = unsafe sendNow(head, body)
    guard sent >= 0 else { return failOutput() }
    guard sent < head.count + body.count else { return }
    if sent < head.count { unsafe keep(UnsafeRawBufferPointer(rebasing: head[sent...])) }
    unsafe keep(UnsafeRawBufferPointer(rebasing: body[max(0, sent - head.count)...]))
  }

  /// Writes to a socket that speaks TLS, has output waiting or put off, or takes none.
  private final func writeUnusual(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) {
    sendIfPutOff()
    guard acceptsOutput, head.count + body.count > 0 else { return }
    if flags.isPlainAndSending { return unsafe writePlain(head, body) }
    if session != nil { return unsafe writeTLS(head, body) }
    unsafe keep(head)
    unsafe keep(body)
  }

  /// Sends a FIN (with TLS, a close_notify) after what is pending; input goes on.
  public final func shutdownOutput() {
    sendIfPutOff()
    guard acceptsOutput else { return }
    flags.insert(.outputEnding)
    finishOutputIfFlushed()
  }

  /// Ends the connection in order: pending output, FIN, then input is discarded up to the peer's
  /// FIN, so that no reset overtakes the last octets; all of it takes at most `linger`.
  ///
  /// Without anything to send and with the peer's FIN here, or with `linger` zero and nothing
  /// pending, that is at once.
  public final func close(linger: Duration = .seconds(2)) {
    sendIfPutOff()
    guard flags.isDisjoint(with: [.closing, .closed]) else { return }
    guard flags.contains(.open) else { return abandon() }
    flags.insert([.closing, .outputEnding])
    flags.remove(.paused)
    if flags.contains(.outputFailed) { return end(.peerReset) }
    finishOutputIfFlushed()
    guard !flags.contains(.closed) else { return }
    if linger <= .zero, pending.isEmpty { return end(.local) }
    setDeadline(loop.now.advanced(by: max(linger, .milliseconds(1))))
    requestReading()
  }

  /// Ends the connection at once; the peer sees a reset, and pending output is lost.
  public final func abort() {
    sendIfPutOff()
    guard !flags.contains(.closed) else { return }
    guard flags.contains(.open) else { return abandon() }
    var value = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    end(.aborted)
  }

  /// Stops reading, so that TCP's window closes to the peer; `receive` is not called any more.
  public final func pauseReading() { flags.insert(.paused) }

  /// Reads on; what has come in meanwhile is delivered soon, not from inside this call.
  public final func resumeReading() {
    guard flags.contains(.paused) else { return }
    flags.remove(.paused)
    // What has been read to its end will tell of more; only TLS may hold some itself.
    guard flags.contains(.open), flags.contains(.unread) || session != nil else { return }
    flags.remove(.unread)
    requestReading()
  }
}

// MARK: - Behind it

extension StreamSocket {
  /// Hands octets to the kernel; how many it has taken, or -1 if the connection has failed.
  private final func sendNow(_ bytes: UnsafeRawBufferPointer) -> Int {
    let options = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
    while true {
      let count = unsafe send_octets(descriptor, bytes.baseAddress, bytes.count, options)
      if count >= 0 { return count }
      if errno == EINTR { continue }
      return errno == EAGAIN ? 0 : -1
    }
  }

  /// Sends what was put off; the loop lends it.
  final func sendPutOff(_ bytes: UnsafeRawBufferPointer) {
    flags.remove(.outputPutOff)
    guard flags.contains(.open) else { return }
    let sent = unsafe sendNow(bytes)
    guard sent >= 0 else { return failOutput() }
    if sent < bytes.count { unsafe keep(UnsafeRawBufferPointer(rebasing: bytes[sent...])) }
  }

  /// Keeps the order where something else is to follow what was put off.
  @inline(__always)
  private final func sendIfPutOff() {
    if flags.contains(.outputPutOff) { loop.sendTurnOutput() }
  }

  private final func sendNow(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer) -> Int
  {
    let options = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
    var vectors = unsafe (
      iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
      iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
    )
    return unsafe withUnsafeMutableBytes(of: &vectors) { vectors in
      var message = unsafe msghdr()
      unsafe message.msg_iov = vectors.baseAddress?.assumingMemoryBound(to: iovec.self)
      unsafe message.msg_iovlen = 2
      while true {
        let count = unsafe sendmsg(descriptor, &message, options)
        if count >= 0 { return count }
        if errno == EINTR { continue }
        return errno == EAGAIN ? 0 : -1
      }
    }
  }

  /// Adds octets to the pending output, in the loop's spare array if this socket has none.
  final func keep(_ bytes: UnsafeRawBufferPointer) {
    if pending.capacity == 0 { swap(&pending, &loop.spareOutput) }
    if pendingStart > 0, pendingStart >= pending.count / 2 {
      pending.removeFirst(pendingStart)
      pendingStart = 0
    }
    unsafe pending.append(contentsOf: bytes)
    flags.insert(.outputWaits)
  }

  /// Sends what is pending, as far as the kernel takes it.
  final func flush() {
    guard !pending.isEmpty else { return }
    var sent = 0
    unsafe pending.withUnsafeBytes { bytes in
      sent = unsafe sendNow(UnsafeRawBufferPointer(rebasing: bytes[pendingStart...]))
    }
    guard sent >= 0 else { return failOutput() }
    pendingStart += sent
    if pendingStart == pending.count { drained() }
  }

  /// Pending output has fallen to zero.
  final func drained(tellsWritable: Bool = true) {
    flags.remove(.outputWaits)
    pending.removeAll(keepingCapacity: true)
    pendingStart = 0
    if (loop.spareOutput.capacity + 1..<256 << 10).contains(pending.capacity) {
      swap(&pending, &loop.spareOutput)
    }
    pending = []
    if flags.contains(.outputEnding) {
      finishOutputIfFlushed()
    } else if tellsWritable {
      writable()
    }
  }

  /// Ends the output once nothing is pending, and the connection if that was all there is to do.
  final func finishOutputIfFlushed() {
    guard pending.isEmpty, flags.contains(.outputEnding) else { return }
    if !flags.contains(.outputEnded) {
      if session != nil, !sendCloseNotify() { return }
      flags.insert(.outputEnded)
      _ = shutdown(descriptor, Int32(SHUT_WR))
    }
    guard flags.contains(.inputEnded) else { return }
    end(flags.contains(.closing) ? .local : .endOfStream)
  }

  /// Sending has failed: what the peer sent before is still delivered, then the socket ends.
  final func failOutput() {
    flags.insert([.outputFailed, .hangup])
    flags.remove(.outputWaits)
    pending = []
    pendingStart = 0
    if flags.contains(.closing) {
      end(.peerReset)
    } else {
      flags.remove(.paused)
      requestReading()
    }
  }

  final func lingerExpired() { end(.lingerExpired) }

  /// Ends a socket that is not connected: an attempt, or nothing yet.
  private final func abandon() { end(.aborted) }

  /// Closes the descriptor and has `closed` called at the end of the loop's turn.
  final func end(_ reason: CloseReason) {
    guard !flags.contains(.closed) else { return }
    flags.insert(.closed)
    flags.remove([.open, .connecting, .outputWaits])
    attempt?.cancel()
    attempt = nil
    session = nil
    pending = []
    pendingStart = 0
    deadlineTime = .never
    closeDescriptor()
    if slot != .max {
      loop.ended(self, slot: slot, reason: reason)
      slot = .max
    }
  }

  /// Takes the descriptor out of the loop and closes it.
  final func closeDescriptor() {
    guard descriptor >= 0 else { return }
    loop.unregister(descriptor: descriptor)
    _ = Glibc.close(descriptor)
    descriptor = -1
  }
}
