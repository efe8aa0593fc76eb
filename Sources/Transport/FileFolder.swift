internal import CLinux
internal import Glibc

/// A folder whose files are opened by paths that cannot lead out of it.
public final class FileFolder: Sendable {
  /// Whether symbolic links below the folder are followed.
  public enum Links: String, Hashable, Sendable, CaseIterable {
    /// None is.
    case refuse
    /// As long as they stay inside the folder (openat2(2) with RESOLVE_BENEATH).
    case inside
  }

  /// Where it is.
  public let path: String
  private let descriptor: Int32
  private let links: Links

  /// Opens a folder.
  ///
  /// - Throws: `fileNotUsable`, when it is missing, not a folder, or closed to us.
  public init(_ path: String, links: Links = .refuse) throws(TransportError) {
    self.path = path
    self.links = links
    descriptor = unsafe Glibc.open(path, O_PATH_FOLDER | O_CLOEXEC)
    guard descriptor >= 0 else {
      var error = TransportError(errno: errno, attempt: "use the folder \(path)")
      error.kind = .fileNotUsable
      throw error
    }
  }

  deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

  /// Opens a file for reading.
  /// - Parameter relativePath: Its path below the folder, without `..`.
  /// - Returns: The file, or nil when `relativePath` is a folder.
  /// - Throws: `TransportError` with the `errno` of openat2(2).
  public func open(_ relativePath: String) throws(TransportError) -> ReadableFile? {
    let attempt = "open \(relativePath.debugDescription) below \(path)"
    let found = unsafe open_beneath(
      descriptor, relativePath.isEmpty ? "." : relativePath,
      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, links == .refuse ? 1 : 0)
    guard found >= 0 else { throw TransportError(errno: errno, attempt: attempt) }
    var status = stat()
    guard unsafe fstat(found, &status) == 0 else {
      let code = errno
      _ = Glibc.close(found)
      throw TransportError(errno: code, attempt: attempt)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return ReadableFile(descriptor: found, status)
    case S_IFDIR:
      _ = Glibc.close(found)
      return nil
    default:
      // A device or a pipe is nothing to serve.
      _ = Glibc.close(found)
      throw TransportError(errno: ENOENT, attempt: attempt)
    }
  }
}

private let O_PATH_FOLDER = O_DIRECTORY | O_RDONLY

/// A regular file that is open for reading; ends with the last reference.
public final class ReadableFile: Sendable {
  /// Its length in octets, when it was opened.
  public let byteCount: Int
  /// When it was changed last, in seconds since the beginning of 1970.
  public let modificationTime: Int
  /// A text that changes whenever the file does.
  public let version: String
  private let descriptor: Int32

  init(descriptor: Int32, _ status: stat) {
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
    modificationTime = status.st_mtim.tv_sec
    version =
      String(status.st_ino, radix: 36) + "-" + String(status.st_size, radix: 36) + "-"
      + String(status.st_mtim.tv_sec, radix: 36) + "." + String(status.st_mtim.tv_nsec, radix: 36)
  }

  deinit { _ = Glibc.close(descriptor) }

  /// Appends octets from `offset` on; fewer than asked for only at the end of the file.
  /// - Parameters:
  ///   - count: How many.
  ///   - offset: From where on.
  ///   - output: The array that is appended to.
  /// - Returns: How many there were; 0 at the end, -1 when the file cannot be read.
  public func read(_ count: Int, at offset: Int, into output: inout [UInt8]) -> Int {
    var total = 0
    output.append(addingCapacity: count) { span in
      unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
        while total < count {
          guard let base = buffer.baseAddress else { return }
          let result = unsafe pread(
            descriptor, base + initialized, count - total, offset + total)
          if result < 0, errno == EINTR { continue }
          guard result > 0 else {
            if result < 0, total == 0 { total = -1 }
            return
          }
          total += result
          initialized += result
        }
      }
    }
    return total
  }
}

/// A file that is being written; unless it is kept, it is removed with the last reference.
public final class UploadedFile: Sendable {
  /// Where it is.
  public let path: String
  private let descriptor: Int32
  private let isKept = KeptFlag()

  /// Makes a new file that only its owner may read, with a name that nobody can guess.
  /// - Parameter folder: Where; it must exist.
  /// - Throws: `TransportError`, when the folder does not take it.
  public init(in folder: String) throws(TransportError) {
    let name = Cryptography.randomOctets(16).map { String($0, radix: 16) }.joined()
    path = folder + (folder.hasSuffix("/") ? "" : "/") + "upload-" + name
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw TransportError(errno: errno, attempt: "write a file in \(folder)")
    }
  }

  deinit {
    _ = Glibc.close(descriptor)
    if !isKept.isSet { _ = unsafe unlink(path) }
  }

  /// Appends octets.
  ///
  /// - Throws: `TransportError`, for example when the disk is full.
  public func write(_ octets: [UInt8]) throws(TransportError) {
    var start = 0
    while start < octets.count {
      let count = unsafe octets.withUnsafeBytes { bytes in
        unsafe Glibc.write(
          descriptor, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw TransportError(errno: errno, attempt: "write \(path)") }
      start += count
    }
  }

  /// Leaves the file where it is.
  public func keep() { isKept.set() }
}
