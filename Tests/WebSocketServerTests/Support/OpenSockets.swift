import Foundation
import Glibc
import Transport

/// The sockets of this process, found as the kernel lists them.
enum OpenSockets {
  /// The descriptors of listening sockets at `port`.
  static func listening(at port: UInt16) -> [Int32] {
    descriptors.filter { isListening($0) && localPort($0) == port }
  }

  /// The descriptors of connected sockets whose own end is `port`.
  static func accepted(at port: UInt16) -> [Int32] {
    descriptors.filter { !isListening($0) && localPort($0) == port }
  }

  /// The value of an option that is an `int`.
  static func option(_ level: Int32, _ name: Int32, of descriptor: Int32) -> Int32? {
    var value: Int32 = 0
    var length = socklen_t(4)
    let status = unsafe getsockopt(descriptor, level, name, &value, &length)
    return status == 0 ? value : nil
  }

  /// All that the process has open: the tests beside this one may have thousands.
  private static var descriptors: [Int32] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    return (names ?? []).compactMap { Int32($0) }.sorted()
  }

  private static func isListening(_ descriptor: Int32) -> Bool {
    option(SOL_SOCKET, SO_ACCEPTCONN, of: descriptor) == 1
  }

  private static func localPort(_ descriptor: Int32) -> UInt16? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    guard status == 0, Int32(address.sin_family) == AF_INET else { return nil }
    return UInt16(bigEndian: address.sin_port)
  }
}
