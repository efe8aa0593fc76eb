/// The sockets that a loop owns, by small integers that are used again.
@safe struct SocketTable {
  private var members: ContiguousArray<Unmanaged<StreamSocket>?> = unsafe []
  private var free: ContiguousArray<UInt32> = []

  /// How many sockets are in the table.
  var count: Int { unsafe members.count - free.count }

  /// Keeps `socket` and tells under which number.
  mutating func insert(_ socket: StreamSocket) -> UInt32 {
    let kept = unsafe Unmanaged.passRetained(socket)
    if let slot = free.popLast() {
      unsafe members[Int(slot)] = kept
      return slot
    }
    unsafe members.append(kept)
    return unsafe UInt32(members.count - 1)
  }

  /// Lets go of the socket at `slot`.
  mutating func remove(_ slot: UInt32) {
    guard let kept = unsafe members[Int(slot)] else { return }
    unsafe members[Int(slot)] = nil
    free.append(slot)
    unsafe kept.release()
  }

  /// The socket at `slot`, if there is one; valid while it is in the table.
  subscript(_ slot: UInt32) -> Unmanaged<StreamSocket>? { unsafe members[Int(slot)] }

  /// All sockets now in the table.
  func all() -> [StreamSocket] {
    unsafe members.compactMap { unsafe $0?.takeUnretainedValue() }
  }
}
