internal import CLinux
internal import Glibc

/// Socket calls with their constants and errors in Swift's terms.
enum Descriptors {
  /// A new non-blocking stream socket, or the negative of an errno.
  static func streamSocket(_ family: Int32) -> Int32 {
    let type =
      Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, type, 0)
    return descriptor >= 0 ? descriptor : -errno
  }

  /// Sets an option whose value is an `int`; the errno or 0.
  @discardableResult
  static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int) -> Int32 {
    var value = Int32(clamping: value)
    return unsafe setsockopt(descriptor, level, option, &value, 4) == 0 ? 0 : errno
  }

  /// Binds; the errno or 0.
  static func bind(_ descriptor: Int32, to address: SocketAddress) -> Int32 {
    unsafe address.withSocketAddress { unsafe Glibc.bind(descriptor, $0, $1) == 0 ? 0 : errno }
  }

  /// Begins to connect; the errno (often `EINPROGRESS`) or 0.
  static func connect(_ descriptor: Int32, to address: SocketAddress) -> Int32 {
    unsafe address.withSocketAddress { unsafe Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno }
  }

  /// Accepts one connection; its descriptor and peer, or the negative of an errno.
  static func accept(_ descriptor: Int32) -> (descriptor: Int32, peer: SocketAddress?) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let accepted = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe accept4(descriptor, $0, &length, flags)
      }
    }
    guard accepted >= 0 else { return (-errno, nil) }
    return (accepted, SocketAddress(&storage, length: length))
  }

  /// A descriptor that serves only to be given up when there are none left.
  static func reserve() -> Int32 { unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }

  static let tcp = Int32(IPPROTO_TCP)
  static let ip = Int32(IPPROTO_IP)
  static let ipv6 = Int32(IPPROTO_IPV6)
}
