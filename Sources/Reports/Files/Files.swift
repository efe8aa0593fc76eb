import FoundationEssentials

import Glibc

/// A file or a folder that could not be read or written.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was tried.
  public enum Action: String, Sendable {
    /// Reading a file.
    case read
    /// Writing a file.
    case write
    /// Making a folder.
    case makeFolder = "make folder"
    /// Removing a file or a folder.
    case remove
  }

  /// What was tried.
  public var action: Action
  /// On which path.
  public var path: String
  /// Why it failed, in words.
  public var reason: String

  /// One line for people.
  public var description: String { "cannot \(action.rawValue) \(path): \(reason)" }

  init(_ action: Action, _ path: String, _ error: any Error) {
    self.action = action
    self.path = path
    reason = Self.words(for: error)
  }

  /// Why the last call of the system failed.
  init(_ action: Action, _ path: String, systemError: Int32) {
    self.action = action
    self.path = path
    reason =
      POSIXErrorCode(rawValue: systemError).map { Self.words(for: $0) }
      ?? "system error \(systemError)"
  }

  private static func words(for error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    switch error.code {
    case .fileNoSuchFile, .fileReadNoSuchFile: return "no such file or folder"
    case .fileReadNoPermission, .fileWriteNoPermission: return "permission denied"
    case .fileWriteOutOfSpace: return "no space left on the device"
    case .fileWriteVolumeReadOnly: return "the file system is read-only"
    case .fileWriteFileExists: return "a file of that name is in the way"
    default: break
    }
    guard let cause = error.underlying as? POSIXError else { return "error \(error.code.rawValue)" }
    return words(for: cause.code)
  }

  private static func words(for code: POSIXErrorCode) -> String {
    switch code {
    case .ENOENT: "no such file or folder"
    case .EACCES, .EPERM: "permission denied"
    case .ENOSPC: "no space left on the device"
    case .EROFS: "the file system is read-only"
    case .ENOTDIR: "a part of the path is not a folder"
    case .EISDIR: "it is a folder"
    case .ENAMETOOLONG: "the name is too long"
    default: "system error \(code.rawValue)"
    }
  }
}

/// Whole files, in and out.
enum Files {
  static func read(_ path: String) throws(FileError) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw FileError(.read, path, error)
    }
  }

  /// Writes a file beside its place and moves it there, so that nobody ever sees half of it.
  ///
  /// A link leads to the file that is meant, and what is no file, such as a device or a pipe, is written
  /// to as it is.
  /// Not by `Data.write`: it waits for the disk at each of a report's hundreds of files.
  static func writeAtomically(_ octets: [UInt8], to name: String) throws(FileError) {
    var status = stat()
    let isThere = unsafe stat(name, &status) == 0
    guard !isThere || status.st_mode & S_IFMT == S_IFREG else {
      return try overwrite(name, with: octets)
    }
    let path = isThere ? resolved(name) : name
    let draft = "\(path).\(getpid()).tmp"
    // The name is a C string for the time of the call.
    let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(.write, path, systemError: errno) }
    let failure = writeAll(octets, to: descriptor)
    guard close(descriptor) == 0, failure == nil, unsafe rename(draft, path) == 0 else {
      let systemError = failure ?? errno
      _ = unsafe unlink(draft)
      throw FileError(.write, path, systemError: systemError)
    }
  }

  /// Makes sure that a file could be written, and leaves all as it is.
  static func checkWritable(_ path: String) throws(FileError) {
    let isThere = exists(path)
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
    // A pipe whose reader has not come yet is no fault.
    guard descriptor >= 0 || errno == ENXIO else {
      throw FileError(.write, path, systemError: errno)
    }
    if descriptor >= 0 { close(descriptor) }
    if !isThere { remove(path) }
  }

  /// Writes to what is there already.
  private static func overwrite(_ path: String, with octets: [UInt8]) throws(FileError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.write, path, systemError: errno) }
    let failure = writeAll(octets, to: descriptor)
    guard close(descriptor) == 0, failure == nil else {
      throw FileError(.write, path, systemError: failure ?? errno)
    }
  }

  /// The path without symbolic links.
  private static func resolved(_ path: String) -> String {
    guard let place = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(place) }
    return unsafe String(cString: place)
  }

  private static func writeAll(_ octets: [UInt8], to descriptor: Int32) -> Int32? {
    var offset = 0
    while offset < octets.count {
      let count = unsafe octets.withUnsafeBytes { bytes in
        // The slice lies within the array, which outlives the call.
        unsafe write(
          descriptor, UnsafeRawBufferPointer(rebasing: bytes[offset...]).baseAddress,
          bytes.count - offset)
      }
      guard count >= 0 || errno == EINTR else { return errno }
      offset += max(count, 0)
    }
    return nil
  }

  /// Makes a folder and those above it; a folder that is there already is fine.
  static func makeFolder(_ path: String) throws(FileError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(.makeFolder, path, error)
    }
  }

  /// The names of what is in a folder, shorter ones first, so that numbers are in order.
  static func list(_ path: String) throws(FileError) -> [String] {
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: path)
      return names.sorted { ($0.count, $0) < ($1.count, $1) }
    } catch {
      throw FileError(.read, path, error)
    }
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  static func isFolder(_ path: String) -> Bool {
    var isDirectory = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
  }

  /// Removes a file, or a folder with all that is in it.
  static func delete(_ path: String) throws(FileError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw FileError(.remove, path, error)
    }
  }

  static func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }
}
