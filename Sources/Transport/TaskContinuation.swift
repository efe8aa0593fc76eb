/// A task that waits for a value; whoever holds it resumes it, once.
///
/// It costs no allocation and is not checked: the holder forgets it with the call that resumes it.
@safe public struct TaskContinuation<Value: Sendable>: Sendable {
  @usableFromInline let continuation: UnsafeContinuation<Value, Never>

  @inlinable
  init(continuation: UnsafeContinuation<Value, Never>) {
    unsafe self.continuation = continuation
  }

  /// Has the current task wait; `body` is called at once and keeps the continuation, or resumes it.
  @inlinable @inline(__always)
  public static func wait(
    isolation: isolated (any Actor)? = #isolation, _ body: (TaskContinuation<Value>) -> Void
  ) async -> Value {
    // Resumed once: that is the contract of the holder.
    await unsafe withUnsafeContinuation(isolation: isolation) { continuation in
      body(unsafe TaskContinuation(continuation: continuation))
    }
  }

  /// Lets the task go on.
  @inlinable @inline(__always)
  public func resume(returning value: Value) {
    unsafe continuation.resume(returning: value)
  }
}

/// Which task this is; another one may have the same identity when this one has ended.
public struct TaskIdentity: Hashable, Sendable {
  private let bits: UInt

  /// The identity of the task that asks; `nil` outside tasks.
  public static var current: TaskIdentity? {
    unsafe withUnsafeCurrentTask { task in
      // A reference to the task, of which only the address is kept.
      unsafe task.map { TaskIdentity(bits: unsafe unsafeBitCast($0, to: UInt.self)) }
    }
  }
}
