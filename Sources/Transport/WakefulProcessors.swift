internal import Glibc

/// Keeps the machine's processors from sleeping for as long as it lives, so that none has to be woken.
///
/// It asks the kernel for no latency at all (`/dev/cpu_dma_latency`): what is idle then waits for work awake.
final class WakefulProcessors: Sendable {
  private static let path = "/dev/cpu_dma_latency"

  /// Whether the kernel has this and we may use it.
  static var arePossible: Bool { unsafe access(path, W_OK) == 0 }

  /// The request holds while this is open.
  private let descriptor: Int32

  /// Nil where it is not possible.
  init?() {
    descriptor = unsafe open(Self.path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var microseconds: Int32 = 0
    guard unsafe Glibc.write(descriptor, &microseconds, 4) == 4 else { return nil }
  }

  deinit {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
  }
}
