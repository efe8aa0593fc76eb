internal import Glibc

/// A file to read from at any position.
///
/// Reading does not move the position of a descriptor that is shared with others.
public final class FileReader: Sendable {
  private let descriptor: Int32
  private let ownsDescriptor: Bool
  private let name: String

  /// Opens a file.
  ///
  /// - Throws: `fileNotUsable` or `permissionDenied`, naming it.
  public init(path: String) throws(TransportError) {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TransportError(errno: errno, attempt: "read \(path)") }
    ownsDescriptor = true
    name = path
  }

  /// Reads from a descriptor that is open already; whose it is stays as said.
  public init(descriptor: Int32, closesAtEnd: Bool) {
    self.descriptor = descriptor
    ownsDescriptor = closesAtEnd
    name = "descriptor \(descriptor)"
  }

  deinit {
    if ownsDescriptor { _ = Glibc.close(descriptor) }
  }

  /// How many octets the file has now.
  ///
  /// - Throws: what the system says, naming the file.
  public func byteCount() throws(TransportError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw TransportError(errno: errno, attempt: "read \(name)")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw TransportError(
        .fileNotUsable, attempt: "read \(name)", detail: "it is not a regular file")
    }
    return Int(status.st_size)
  }

  /// Octets from `position` on; fewer than asked for only at the end of the file.
  ///
  /// - Throws: what the system says, naming the file.
  public func read(_ count: Int, at position: Int) throws(TransportError) -> [UInt8] {
    var code: Int32 = 0
    let octets = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let taken = unsafe pread(
          descriptor, buffer.baseAddress?.advanced(by: filled), count - filled,
          off_t(position + filled))
        guard taken > 0 else {
          if taken < 0, errno == EINTR { continue }
          if taken < 0 { code = errno }
          return
        }
        filled += taken
      }
    }
    guard code == 0 else { throw TransportError(errno: code, attempt: "read \(name)") }
    return octets
  }
}
