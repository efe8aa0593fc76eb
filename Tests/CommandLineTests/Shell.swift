import Foundation

/// Runs a line of shell, for the clients that people use.
func shell(_ line: String) -> (status: Int32, output: String) {
  guard let pipe = unsafe popen("timeout 60 sh -c '\(line)' 2>&1", "r") else { return (-1, "") }
  var output: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = unsafe fread(&buffer, 1, buffer.count, pipe)
    guard count > 0 else { break }
    output += buffer[..<count]
  }
  return (unsafe pclose(pipe) >> 8, String(decoding: output, as: UTF8.self))
}
