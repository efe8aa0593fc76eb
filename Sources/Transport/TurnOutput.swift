/// Output that a loop's sockets have put off to the end of the turn, in the order they asked for it.
///
/// A turn that first receives from every socket and then sends for every socket keeps each path's code
/// and data in the processor's caches, and wakes a peer once for many sockets.
struct TurnOutput {
  /// What one socket may put off; longer output goes to the kernel without a copy.
  static let octetsPerSocket = 2 << 10
  /// So many sockets wait for each other at most.
  static let socketCapacity = 64

  /// One socket's octets: from the end of the share before to this one's.
  struct Share {
    let socket: StreamSocket
    let end: Int
  }

  private(set) var octets: [UInt8] = []
  private(set) var shares: ContiguousArray<Share> = []

  init() {
    octets.reserveCapacity(Self.octetsPerSocket * Self.socketCapacity)
    shares.reserveCapacity(Self.socketCapacity)
  }

  var isFull: Bool { shares.count == Self.socketCapacity }

  @inline(__always)
  mutating func append(_ bytes: UnsafeRawBufferPointer, for socket: StreamSocket) {
    unsafe octets.append(contentsOf: bytes)
    shares.append(Share(socket: socket, end: octets.count))
  }

  mutating func removeAll() {
    octets.removeAll(keepingCapacity: true)
    shares.removeAll(keepingCapacity: true)
  }
}
