import Transport
import WebSocketProtocol

/// One event loop's share of a server: its listeners, its connections, and the buffers they share.
///
/// Only its own loop touches it.
final class ServerLoop {
  let loop: EventLoop
  let context: ServerContext
  /// The loop's place among the server's, which is a part of its connections' ids.
  let index: Int
  /// Output that waits for a peer beyond this pauses reading from it.
  let queueLimit: Int
  /// What a batch gathers its output in; lent to one connection at a time.
  private var output: [UInt8] = []
  /// The storage that messages are assembled in while they are lent to a handler.
  private var scratch: [UInt8] = []
  /// The connection whose task has sent something that still gathers in `output`.
  private var gathering: ServerConnection?
  /// Who has subscribed to which channel.
  var channels = ChannelTable()
  /// The tasks of `async` handlers that have not ended.
  private var tasks: [ConnectionID: Task<Void, Never>] = [:]
  /// The connections, each in a slot that it keeps.
  private var slots: ContiguousArray<ServerConnection?> = []
  private var freeSlots: ContiguousArray<Int> = []
  private var sequence: UInt64 = 0
  private(set) var isStopping = false

  /// Shared buffers that grew beyond this are given back after use.
  static let retainedCapacity = 1 << 20

  init(loop: EventLoop, context: ServerContext, index: Int) {
    self.loop = loop
    self.context = context
    self.index = index
    queueLimit = context.configuration.limits.queuedOutputByteCount
    // An access that calls something would make all accesses checked at run time.
    var output: [UInt8] = []
    output.reserveCapacity(64 << 10)
    self.output = output
  }

  /// What has to be done on the loop's own thread before the first connection comes.
  func begin() {
    loop.afterTasks { [weak self] in self?.flushGathered() }
  }

  // MARK: Buffers

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

  /// Lets a connection gather output; `true` if it has just begun and needs the buffer.
  func beginGathering(for connection: ServerConnection) -> Bool {
    guard gathering !== connection else { return false }
    flushGathered()
    gathering = connection
    return true
  }

  /// Sends what a task's connection has gathered.
  func flushGathered() {
    guard let connection = gathering else { return }
    gathering = nil
    connection.endGathering()
  }

  // MARK: Connections

  /// How many connections there are.
  var connectionCount: Int { slots.count - freeSlots.count }

  /// A free slot and the id that a connection in it has.
  func makePlace() -> (slot: Int, id: ConnectionID)? {
    let slot = freeSlots.last ?? slots.count
    guard slot <= ConnectionID.maximumSlot else { return nil }
    sequence += 1
    return (slot, ConnectionID(sequence: sequence, loop: index, slot: slot))
  }

  /// Keeps a connection in the slot that `makePlace()` has named last.
  func add(_ connection: ServerConnection) {
    let slot = connection.id.slot
    if freeSlots.popLast() == nil {
      slots.append(connection)
    } else {
      slots[slot] = connection
    }
  }

  /// Forgets a connection.
  func remove(_ connection: ServerConnection) {
    let slot = connection.id.slot
    guard slots.indices.contains(slot), slots[slot] === connection else { return }
    slots[slot] = nil
    freeSlots.append(slot)
  }

  /// The connection with this id, if it is still there.
  func connection(_ id: ConnectionID) -> ServerConnection? {
    let slot = id.slot
    guard slots.indices.contains(slot), let found = slots[slot], found.id == id else { return nil }
    return found
  }

  /// Calls `body` with every connection there is now; some may go and others come meanwhile.
  func forEach(_ body: (ServerConnection) -> Void) {
    let now = slots
    for connection in now {
      if let connection, connection.phase != .gone { body(connection) }
    }
  }

  // MARK: The end

  /// Says goodbye to everyone: Close 1001 where the WebSocket is open, the end of the connection elsewhere.
  func beginShutdown(within deadline: Duration) {
    isStopping = true
    forEach { $0.goAway() }
    loop.schedule(after: deadline) { [weak self] in self?.abortAll() }
  }

  func abortAll() {
    forEach { $0.abortNow() }
    for task in tasks.values { task.cancel() }
  }

  func add(_ task: Task<Void, Never>, of id: ConnectionID) {
    tasks[id] = task
  }

  func taskEnded(of id: ConnectionID) {
    tasks[id] = nil
  }
}
