import Transport
import WebSocketProtocol

/// One event loop's share of a server: its listeners, its connections, and the buffers they share.
///
/// Only its own loop touches it.
final class ServerLoop {
  let loop: EventLoop
  let context: ServerContext
  /// Output that waits for a peer beyond this pauses reading from it.
  let queueLimit: Int
  /// What a batch gathers its output in; lent to one connection at a time.
  private var output: [UInt8] = []
  /// The storage that messages are assembled in while they are lent to a handler.
  private var scratch: [UInt8] = []
  /// The tasks of `async` handlers that have not ended.
  private var tasks: [ConnectionID: Task<Void, Never>] = [:]
  private(set) var connections: [ServerConnection] = []
  private(set) var isStopping = false

  /// Shared buffers that grew beyond this are given back after use.
  static let retainedCapacity = 1 << 20

  init(loop: EventLoop, context: ServerContext) {
    self.loop = loop
    self.context = context
    queueLimit = context.configuration.limits.queuedOutputByteCount
    output.reserveCapacity(64 << 10)
  }

  /// Lends the output buffer, or an empty one if it is lent already.
  @inline(__always)
  func takeOutput() -> [UInt8] {
    var lent: [UInt8] = []
    swap(&lent, &output)
    return lent
  }

  /// Takes the output buffer back, empty; where two calls were nested, the larger one stays.
  @inline(__always)
  func giveBack(output buffer: consuming [UInt8]) {
    if buffer.capacity > output.capacity { output = buffer }
  }

  /// Lends the scratch buffer, or an empty one if it is lent already.
  @inline(__always)
  func takeScratch() -> [UInt8] {
    var lent: [UInt8] = []
    swap(&lent, &scratch)
    return lent
  }

  @inline(__always)
  func giveBack(scratch buffer: consuming [UInt8]) {
    guard 1...Self.retainedCapacity ~= buffer.capacity else { return }
    scratch = buffer
  }

  func add(_ connection: ServerConnection) {
    connection.index = Int32(truncatingIfNeeded: connections.count)
    connections.append(connection)
  }

  /// Forgets a connection; the last one takes its place.
  func remove(_ connection: ServerConnection) {
    let index = Int(connection.index)
    guard connections.indices.contains(index), connections[index] === connection else { return }
    let last = connections.removeLast()
    if last !== connection {
      connections[index] = last
      last.index = connection.index
    }
    connection.index = -1
  }

  /// Says goodbye to everyone: Close 1001 where the WebSocket is open, the end of the connection elsewhere.
  func beginShutdown(within deadline: Duration) {
    isStopping = true
    for connection in connections { connection.goAway() }
    loop.schedule(after: deadline) { [weak self] in self?.abortAll() }
  }

  func abortAll() {
    for connection in connections { connection.abortNow() }
    for task in tasks.values { task.cancel() }
  }

  func add(_ task: Task<Void, Never>, of id: ConnectionID) {
    tasks[id] = task
  }

  func taskEnded(of id: ConnectionID) {
    tasks[id] = nil
  }
}
