import Glibc
import Testing

/// A client on a blocking socket, which sends and reads octets; nothing is waited for longer than 30 s.
final class RawClient {
  private let descriptor: Int32

  /// The status that the opening handshake was answered with.
  let status: String

  /// Connects to a port of this machine and asks for a WebSocket.
  init(port: UInt16, target: String = "/", fields: [String] = []) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var time = timeval(tv_sec: 30, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let (descriptor, length) = (descriptor, socklen_t(MemoryLayout<sockaddr_in>.size))
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, length)
      }
    }
    try #require(result == 0)
    let lines =
      [
        "GET \(target) HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ] + fields + ["", ""]
    Self.send(Array(lines.joined(separator: "\r\n").utf8), to: descriptor)
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      var octet: UInt8 = 0
      try #require(unsafe recv(descriptor, &octet, 1, 0) == 1)
      head.append(octet)
    }
    status = String(decoding: head.dropFirst(9).prefix(3), as: UTF8.self)
  }

  deinit { close(descriptor) }

  func send(_ octets: [UInt8]) { Self.send(octets, to: descriptor) }

  private static func send(_ octets: [UInt8], to descriptor: Int32) {
    _ = unsafe Glibc.send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL))
  }

  /// So many octets, or nil when the connection ends before.
  func read(_ count: Int) -> [UInt8]? {
    var octets: [UInt8] = []
    while octets.count < count {
      var buffer = [UInt8](repeating: 0, count: count - octets.count)
      let received = unsafe recv(descriptor, &buffer, buffer.count, 0)
      guard received > 0 else { return nil }
      octets += buffer[..<received]
    }
    return octets
  }
}
