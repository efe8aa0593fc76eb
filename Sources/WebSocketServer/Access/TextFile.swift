import Transport

/// Reads lists of users and keys.
enum TextFile {
  static func read(_ path: String) throws(TransportError) -> String {
    let octets = try FileContents.read(
      path, maximumByteCount: 16 << 20, attempt: "read \(path)")
    guard let text = String(validating: octets, as: UTF8.self) else {
      throw TransportError(.fileNotUsable, attempt: "read \(path)", detail: "it is not UTF-8")
    }
    return text
  }
}
