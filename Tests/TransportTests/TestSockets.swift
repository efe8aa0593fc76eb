import Synchronization
import Testing
import Transport

/// What has happened to a socket, to be looked at from the test's thread.
final class SocketLog: Sendable {
  struct State {
    var timings: ConnectTimings?
    var received: [UInt8] = []
    var receivedByteCount = 0
    var endOfStreamCount = 0
    var writableCount = 0
    var deadlineCount = 0
    var closed: [CloseReason] = []
    var notes: [String] = []
  }

  private let state = Mutex(State())

  var now: State { state.withLock { $0 } }

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  /// Waits, generously, until `condition` holds.
  func wait(
    for what: Comment, within seconds: Int = 30, _ condition: @Sendable (State) -> Bool
  ) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while !condition(now) {
      guard ContinuousClock.now < end else {
        Issue.record("timed out waiting for \(what)")
        throw CancellationError()
      }
      try await Task.sleep(for: .milliseconds(2))
    }
  }
}

/// A socket that notes everything and does what the test gives it to do.
final class ScriptSocket: StreamSocket {
  let log: SocketLog
  var keepsOctets = true
  var onConnected: ((ScriptSocket) -> Void)?
  var onReceive: ((ScriptSocket, inout MutableSpan<UInt8>) -> Void)?
  var onEndOfStream: ((ScriptSocket) -> Void)?
  var onWritable: ((ScriptSocket) -> Void)?
  var onDeadline: ((ScriptSocket) -> Void)?

  init(loop: EventLoop, log: SocketLog = SocketLog()) {
    self.log = log
    super.init(loop: loop)
  }

  override func connected(_ timings: ConnectTimings) {
    log.change { $0.timings = timings }
    onConnected?(self)
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    let copy = keepsOctets ? bytes.octets : []
    let count = bytes.count
    log.change {
      $0.received += copy
      $0.receivedByteCount += count
    }
    onReceive?(self, &bytes)
  }

  override func receivedEndOfStream() {
    log.change { $0.endOfStreamCount += 1 }
    if let onEndOfStream { onEndOfStream(self) } else { close() }
  }

  override func writable() {
    log.change { $0.writableCount += 1 }
    onWritable?(self)
  }

  override func deadlineReached() {
    log.change { $0.deadlineCount += 1 }
    onDeadline?(self)
  }

  override func closed(_ reason: CloseReason) { log.change { $0.closed.append(reason) } }
}

/// Sends everything back.
final class EchoSocket: StreamSocket {
  override func receive(_ bytes: inout MutableSpan<UInt8>) { write(bytes.span) }
}

extension MutableSpan<UInt8> {
  var octets: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    for index in indices { result.append(self[index]) }
    return result
  }
}

/// Runs `body` with a group of loops that is stopped afterwards.
func withLoops<Result>(
  _ count: Int = 1, _ body: (EventLoopGroup) async throws -> Result
) async throws -> Result {
  let group = try EventLoopGroup(count: count)
  defer { group.stop() }
  return try await body(group)
}

/// Connects a socket that `prepare` has set up; what happens to it is in the log.
func connect(
  on loop: EventLoop, _ connector: Connector,
  _ prepare: @escaping @Sendable (ScriptSocket) -> Void = { _ in }
) -> SocketLog {
  let log = SocketLog()
  loop.execute {
    let socket = ScriptSocket(loop: loop, log: log)
    prepare(socket)
    connector.connect(socket)
  }
  return log
}

extension CloseReason {
  var connectError: TransportError? {
    if case .connectFailed(let error) = self { error } else { nil }
  }
}
