/// A value in a place of its own, for long accesses on one loop: one that changes it, or any that read.
///
/// That is the law of exclusivity, which the language has looked after at run time wherever an access to
/// a property of a class may call what accesses it again. Here a count does it, a fraction of the price,
/// and with the same end: an access that would overlap with a change traps.
///
/// Not for use from several threads: the value belongs to its loop.
@safe public struct LoopCell<Value: ~Copyable>: ~Copyable {
  @usableFromInline
  struct Content: ~Copyable {
    /// How many accesses read the value now; -1 while one changes it.
    @usableFromInline var readers = 0
    @usableFromInline var value: Value

    @usableFromInline
    init(_ value: consuming Value) { self.value = value }
  }

  @usableFromInline let place: UnsafeMutablePointer<Content>

  /// A cell with `value` in it.
  @inlinable
  public init(_ value: consuming Value) {
    unsafe place = .allocate(capacity: 1)
    unsafe place.initialize(to: Content(value))
  }

  @inlinable
  deinit {
    unsafe place.deinitialize(count: 1)
    unsafe place.deallocate()
  }

  /// The value.
  @inlinable
  public var value: Value {
    // The place is allocated and initialized as long as the cell lives, and an access borrows the cell.
    @inline(__always)
    _read {
      precondition(unsafe place.pointee.readers >= 0, "read while it is being changed")
      unsafe place.pointee.readers &+= 1
      defer { unsafe place.pointee.readers &-= 1 }
      yield unsafe place.pointee.value
    }
    @inline(__always)
    nonmutating _modify {
      precondition(unsafe place.pointee.readers == 0, "changed while it is being accessed")
      unsafe place.pointee.readers = -1
      defer { unsafe place.pointee.readers = 0 }
      yield unsafe &place.pointee.value
    }
  }
}
