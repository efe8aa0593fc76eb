import Glibc
import Reports
import Synchronization

// What goes to a terminal may hold words of a peer. `printTo…` write one line, in which nothing is left
// that a terminal would obey; `writeTo…` write what was composed of such lines, and what is for programs.

/// Writes one line to standard error; control characters in it are made visible.
func printToStandardError(_ message: String) {
  writeToStandardError(VisibleText.line(message) + "\n")
}

/// Writes one line to standard output, at once also where that is a pipe or a file; control characters
/// in it are made visible.
func printToStandardOutput(_ message: String) {
  writeToStandardOutput(VisibleText.line(message) + "\n")
}

/// Writes text to standard error as it is: for a line that is written over again.
func writeToStandardError(_ text: String) {
  // Whom could one tell?
  _ = write(text, to: STDERR_FILENO)
}

/// Writes text to standard output as it is.
func writeToStandardOutput(_ text: String) {
  if let error = write(text, to: STDOUT_FILENO) {
    LostOutput.note("standard output", systemError: error)
  }
}

/// How many columns the terminal behind standard error has; nil if it is none.
func terminalWidth() -> Int? {
  var size = winsize()
  guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
    return nil
  }
  return Int(size.ws_col)
}

/// Output that could not be written: what plays goes on, and the program's end tells.
struct LostOutput: Sendable {
  /// What was written to.
  let name: String
  /// Why it could not be, as the system says.
  let systemError: Int32

  private static let noted = Mutex<LostOutput?>(nil)

  /// The first loss; nil if all was written.
  static var first: LostOutput? { noted.withLock { $0 } }

  static func note(_ name: String, systemError: Int32) {
    noted.withLock { $0 = $0 ?? LostOutput(name: name, systemError: systemError) }
  }

  /// One line for people; nil where a reader has gone, who knows.
  var words: String? {
    guard systemError != EPIPE else { return nil }
    return "cannot write \(name): \(unsafe String(cString: strerror(systemError)))"
  }
}

/// A file that lines are added to as they come, or standard output.
final class LineFile: Sendable {
  private let path: String
  private let descriptor: Int32
  private let isOurs: Bool
  private let lock = Mutex(())

  /// The file at `path`, or standard output for `-`; nil if it cannot be written.
  init?(path: String, isAdded: Bool = false) {
    isOurs = path != "-"
    self.path = isOurs ? path : "standard output"
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (isAdded ? O_APPEND : O_TRUNC)
    descriptor = isOurs ? unsafe open(path, flags, 0o644) : STDOUT_FILENO
    guard descriptor >= 0 else { return nil }
  }

  deinit { if isOurs { close(descriptor) } }

  /// Adds text, which ends its line itself.
  func add(_ text: String) {
    lock.withLock { _ in
      if let error = write(text, to: descriptor) { LostOutput.note(path, systemError: error) }
    }
  }
}

/// Writes all of a text; the system's error if that fails.
private func write(_ text: String, to descriptor: Int32) -> Int32? {
  var line = text
  return line.withUTF8 { bytes in
    var start = 0
    while start < bytes.count {
      // The rest lies within the string's own octets, which outlive the call.
      let rest = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...])
      let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno != EINTR, errno != EAGAIN { return errno }
      start += max(0, count)
    }
    return nil
  }
}
