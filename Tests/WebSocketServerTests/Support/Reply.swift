import Testing

/// A response as a test looks at it.
struct Reply: Sendable {
  let status: Int
  let head: String
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }

  /// The value of a field, or nil.
  subscript(_ name: String) -> String? {
    for line in head.split(separator: "\r\n").dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      if line[..<colon].lowercased() == name.lowercased() {
        return String(line[line.index(after: colon)...].drop { $0 == " " })
      }
    }
    return nil
  }
}

extension TestClient {
  /// Sends a GET and reads the response.
  func ask(_ target: String, fields: [String] = []) async throws -> Reply {
    try await ask("GET", target, fields: fields)
  }

  /// Sends a request of HTTP/1.1 and reads the response.
  func ask(
    _ method: String, _ target: String, fields: [String] = [], body: String? = nil
  ) async throws -> Reply {
    var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    return try await readReply(omitsBody: method == "HEAD")
  }

  /// Reads a response, whose end its fields tell.
  func readReply(omitsBody: Bool = false) async throws -> Reply {
    let head = try await readHead()
    let words = head.split(separator: " ", maxSplits: 2)
    let status = try #require(Int(words[1]))
    var reply = Reply(status: status, head: head, body: [])
    guard !omitsBody, status != 304, status != 204, status >= 200 else { return reply }
    var body: [UInt8] = []
    if let length = reply["Content-Length"].flatMap({ Int($0) }) {
      body = try await read(length)
    } else if reply["Transfer-Encoding"] == "chunked" {
      while true {
        var line = ""
        while !line.hasSuffix("\r\n") {
          line += String(decoding: try await read(1), as: UTF8.self)
        }
        let count = try #require(Int(line.dropLast(1), radix: 16))
        body += try await read(count)
        _ = try await read(2)
        if count == 0 { break }
      }
    } else {
      while let octet = try? await read(1) { body += octet }
    }
    reply = Reply(status: status, head: head, body: body)
    return reply
  }
}
