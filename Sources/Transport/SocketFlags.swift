/// What a socket is at the moment.
struct SocketFlags: OptionSet {
  let rawValue: UInt32

  /// Connected (TLS included) and not closed.
  static let open = SocketFlags(rawValue: 1 << 0)
  /// A connection attempt is under way.
  static let connecting = SocketFlags(rawValue: 1 << 1)
  /// There is a TLS session; it may still be being agreed on.
  static let tls = SocketFlags(rawValue: 1 << 2)
  /// `pauseReading()` is in force.
  static let paused = SocketFlags(rawValue: 1 << 3)
  /// epoll has told of a FIN, a reset or an error: reading must go on to the end.
  static let hangup = SocketFlags(rawValue: 1 << 4)
  /// The peer's end of stream has been read.
  static let inputEnded = SocketFlags(rawValue: 1 << 5)
  /// `shutdownOutput()` or `close()` was called: a FIN follows the pending output.
  static let outputEnding = SocketFlags(rawValue: 1 << 6)
  /// Our FIN is on its way.
  static let outputEnded = SocketFlags(rawValue: 1 << 7)
  /// Sending has failed; only what has come in already is still of interest.
  static let outputFailed = SocketFlags(rawValue: 1 << 8)
  /// `close()` was called and has work left.
  static let closing = SocketFlags(rawValue: 1 << 9)
  /// The descriptor is closed.
  static let closed = SocketFlags(rawValue: 1 << 10)
  /// In the loop's list of sockets to read on.
  static let queued = SocketFlags(rawValue: 1 << 11)
  /// The end of a TLS stream was not announced.
  static let truncated = SocketFlags(rawValue: 1 << 12)

  /// `pending` is not empty.
  static let outputWaits = SocketFlags(rawValue: 1 << 13)
  /// The loop has output of the socket's that was put off to the turn's end.
  static let outputPutOff = SocketFlags(rawValue: 1 << 14)
  /// The kernel stamps what comes in.
  static let stamped = SocketFlags(rawValue: 1 << 15)
  /// There may be more to read, of which no new event will tell: it came, or was left, during a pause.
  static let unread = SocketFlags(rawValue: 1 << 16)

  private static let sendingMask: SocketFlags = [
    .open, .tls, .outputEnding, .outputFailed, .closing, .outputWaits, .outputPutOff,
  ]

  /// Whether a write goes to the kernel as it is: open, without TLS, and nothing waiting.
  ///
  /// (Asking `pending` itself would cost a dynamic exclusivity check.)
  @inline(__always)
  var isPlainAndSending: Bool { intersection(Self.sendingMask) == .open }

  private static let plainMask: SocketFlags = [
    .open, .connecting, .tls, .paused, .inputEnded, .closing, .closed,
  ]

  /// Whether the ordinary path applies: open, without TLS, and nothing special going on.
  @inline(__always)
  var isPlainAndReading: Bool { intersection(Self.plainMask) == .open }
}
