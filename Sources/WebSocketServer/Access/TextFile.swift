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

  /// Parses a file; what is wrong with the file itself is said like what is wrong in it.
  static func parse<Value>(
    _ path: String, _ body: (String) throws(ServerError) -> Value
  ) throws(ServerError) -> Value {
    let text: String
    do {
      text = try read(path)
    } catch {
      throw .transport(error)
    }
    return try body(text)
  }
}
