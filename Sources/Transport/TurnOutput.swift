/// Output that a loop's sockets have put off to the end of the turn, in the order they asked for it.
///
/// A turn that first receives from every socket and then sends for every socket keeps each path's code
/// and data in the processor's caches, and wakes a peer once for many sockets.
///
/// It holds the sockets without owning them: the loop owns what is attached to it, keeps what has ended
/// until `bury()`, and `bury()` sends what was put off before it lets go.
@safe struct TurnOutput: ~Copyable {
  /// What one socket may put off; longer output goes to the kernel without a copy.
  static let octetsPerSocket = 2 << 10
  /// So many sockets wait for each other at most.
  static let socketCapacity = 64

  /// One socket's octets: from the end of the share before to this one's.
  @safe
  private struct Share {
    let socket: Unmanaged<StreamSocket>
    let end: Int
  }

  /// Room for `octetsPerSocket` octets of each of `socketCapacity` sockets.
  private let octets: UnsafeMutableRawPointer
  private let shares: UnsafeMutablePointer<Share>
  private var end = 0
  private var shareCount = 0

  init() {
    unsafe octets = .allocate(
      byteCount: Self.octetsPerSocket * Self.socketCapacity, alignment: 64)
    unsafe shares = .allocate(capacity: Self.socketCapacity)
  }

  deinit {
    unsafe octets.deallocate()
    unsafe shares.deallocate()
  }

  var isFull: Bool { shareCount == Self.socketCapacity }

  @inline(__always)
  mutating func append(_ bytes: UnsafeRawBufferPointer, for socket: StreamSocket) {
    precondition(!isFull && bytes.count <= Self.octetsPerSocket)
    guard let start = bytes.baseAddress else { return }
    // No share is longer than its part of the room, and there are no more shares than parts.
    unsafe (octets + end).copyMemory(from: start, byteCount: bytes.count)
    end += bytes.count
    unsafe (shares + shareCount).initialize(
      to: Share(socket: .passUnretained(socket), end: end))
    shareCount += 1
  }

  /// Hands each share to its socket, and is empty then.
  ///
  /// Nothing of a socket's own is called meanwhile, so nothing is put off anew.
  @inline(__always)
  mutating func send() {
    var start = 0
    for index in 0..<shareCount {
      let share = unsafe shares[index]
      let bytes = unsafe UnsafeRawBufferPointer(start: octets + start, count: share.end - start)
      // The loop has the socket still, see above.
      unsafe share.socket._withUnsafeGuaranteedRef { unsafe $0.sendPutOff(bytes) }
      start = share.end
    }
    end = 0
    shareCount = 0
  }
}
