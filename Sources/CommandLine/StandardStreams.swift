import Glibc
import Reports
import Synchronization

// What goes to a terminal may hold words of a peer. `printTo…` write one line, in which nothing is left
// that a terminal would obey; `writeTo…` write what was composed of such lines, and what is for programs.

/// Writes one line to standard error; control characters in it are made visible.
func printToStandardError(_ message: String) {
  writeLine(message, to: STDERR_FILENO)
}

/// Writes one line to standard output, at once also where that is a pipe or a file; control characters
/// in it are made visible.
func printToStandardOutput(_ message: String) {
  writeLine(message, to: STDOUT_FILENO)
}

/// Writes text to standard error as it is: for a line that is written over again.
func writeToStandardError(_ text: String) {
  write(text, to: STDERR_FILENO)
}

/// Writes text to standard output as it is.
func writeToStandardOutput(_ text: String) {
  write(text, to: STDOUT_FILENO)
}

/// How many columns the terminal behind standard error has; nil if it is none.
func terminalWidth() -> Int? {
  var size = winsize()
  guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
    return nil
  }
  return Int(size.ws_col)
}

/// A file that lines are added to as they come, or standard output.
final class LineFile: Sendable {
  private let descriptor: Int32
  private let isOurs: Bool
  private let lock = Mutex(())

  /// The file at `path`, or standard output for `-`; nil if it cannot be written.
  init?(path: String, isAdded: Bool = false) {
    isOurs = path != "-"
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (isAdded ? O_APPEND : O_TRUNC)
    descriptor = isOurs ? unsafe open(path, flags, 0o644) : STDOUT_FILENO
    guard descriptor >= 0 else { return nil }
  }

  deinit { if isOurs { close(descriptor) } }

  /// Adds text, which ends its line itself.
  func add(_ text: String) {
    lock.withLock { _ in write(text, to: descriptor) }
  }
}

private func writeLine(_ message: String, to descriptor: Int32) {
  write(VisibleText.line(message) + "\n", to: descriptor)
}

private func write(_ text: String, to descriptor: Int32) {
  var line = text
  line.withUTF8 { bytes in
    var start = 0
    while start < bytes.count {
      // The rest lies within the string's own octets, which outlive the call.
      let rest = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...])
      let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno != EINTR, errno != EAGAIN { return }
      start += max(0, count)
    }
  }
}
