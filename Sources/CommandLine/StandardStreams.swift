import Glibc

/// Writes one line to standard error.
func printToStandardError(_ message: String) {
  writeLine(message, to: STDERR_FILENO)
}

/// Writes one line to standard output, at once also where that is a pipe or a file.
func printToStandardOutput(_ message: String) {
  writeLine(message, to: STDOUT_FILENO)
}

/// Writes text to standard error as it is: for a line that is written over again.
func writeToStandardError(_ text: String) {
  write(text, to: STDERR_FILENO)
}

private func writeLine(_ message: String, to descriptor: Int32) {
  write(message + "\n", to: descriptor)
}

private func write(_ text: String, to descriptor: Int32) {
  var line = text
  line.withUTF8 { bytes in
    _ = unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
  }
}
