/// Carries something that belongs to a loop's thread past other threads, unopened.
///
/// `@unchecked Sendable`: the value is reached on the loop only. Only its last release may happen
/// on another thread, so its `deinit` must not care where it runs.
public struct LoopBound<Value>: @unchecked Sendable {
  @usableFromInline let content: Value
  /// The loop that the value belongs to.
  public let loop: EventLoop

  /// Wraps `value`, which belongs to `loop`.
  public init(_ value: Value, on loop: EventLoop) {
    content = value
    self.loop = loop
  }

  /// The value; on the loop only.
  @inlinable
  public var value: Value {
    precondition(loop.isCurrent, "a loop's value is used on another thread")
    return content
  }

  /// What `body` makes of the value; `nil` elsewhere than on the loop.
  @inlinable @inline(__always)
  public func ifOnLoop<Result>(_ body: (Value) -> Result?) -> Result? {
    loop.isCurrent ? body(content) : nil
  }

  /// Runs `body` with the value on its loop, soon.
  public func execute(_ body: @escaping @Sendable (Value) -> Void) {
    let bound = self
    loop.execute { body(bound.content) }
  }
}
