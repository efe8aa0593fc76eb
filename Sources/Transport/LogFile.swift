internal import Glibc

/// A file that lines are appended to, from any thread; only its owner may read it.
public final class LogFile: Sendable {
  private let descriptor: Int32

  /// Opens the file, or makes it.
  ///
  /// - Throws: `TransportError`, naming the file.
  public init(_ path: String) throws(TransportError) {
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw TransportError(errno: errno, attempt: "write \(path)") }
  }

  deinit { if descriptor >= 0 { _ = close(descriptor) } }

  /// Appends a line with one system call, so that lines of several threads do not mix.
  public func append(_ line: String) {
    let octets = Array((line + "\n").utf8)
    _ = unsafe octets.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }
}
