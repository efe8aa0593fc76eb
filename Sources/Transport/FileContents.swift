internal import Glibc

/// Reads small files whole.
public enum FileContents {
  /// The octets of a file.
  /// - Parameters:
  ///   - path: Where it is.
  ///   - maximumByteCount: More octets than this are an error.
  ///   - attempt: What for, as a phrase that follows "cannot".
  /// - Returns: All octets.
  /// - Throws: `fileNotUsable`.
  public static func read(
    _ path: String, maximumByteCount: Int = 4 << 20, attempt: String
  ) throws(TransportError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno, attempt) }
    defer { _ = Glibc.close(descriptor) }
    var octets: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      guard count >= 0 else {
        if errno == EINTR { continue }
        throw failure(errno, attempt)
      }
      if count == 0 { return octets }
      octets += buffer[..<count]
      guard octets.count <= maximumByteCount else {
        throw TransportError(
          .fileNotUsable, attempt: attempt, detail: "it is longer than \(maximumByteCount) octets")
      }
    }
  }

  private static func failure(_ code: Int32, _ attempt: String) -> TransportError {
    var error = TransportError(errno: code, attempt: attempt)
    error.kind = .fileNotUsable
    return error
  }
}
