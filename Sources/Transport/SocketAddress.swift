internal import CLinux
internal import Glibc

/// Where a socket is: an IPv4 or IPv6 address with its port, or a Unix-domain path.
public enum SocketAddress: Hashable, Sendable {
  /// An IPv4 address (its first octet in the highest bits) and port.
  case ipv4(UInt32, port: UInt16)
  /// An IPv6 address (its first octet in the highest bits), port and zone.
  case ipv6(UInt128, port: UInt16, scope: UInt32 = 0)
  /// A Unix-domain socket; a path that begins with `@` is in Linux's abstract namespace.
  case unix(path: String)

  /// 127.0.0.1 at `port`.
  public static func loopback(port: UInt16) -> SocketAddress { .ipv4(0x7f00_0001, port: port) }

  /// ::1 at `port`.
  public static func loopback6(port: UInt16) -> SocketAddress { .ipv6(1, port: port) }

  /// The port, or `nil` for a Unix-domain socket.
  public var port: UInt16? {
    switch self {
    case .ipv4(_, let port), .ipv6(_, let port, _): port
    case .unix: nil
    }
  }

  /// The same address at another port; a Unix-domain path stays what it is.
  public func withPort(_ port: UInt16) -> SocketAddress {
    switch self {
    case .ipv4(let host, _): .ipv4(host, port: port)
    case .ipv6(let host, _, let scope): .ipv6(host, port: port, scope: scope)
    case .unix: self
    }
  }

  /// Reads `127.0.0.1:9001`, `[::1]:9001`, `[fe80::1%eth0]:9001` or `unix:/path`.
  ///
  /// - Throws: `invalidAddress` for anything else; names are not resolved here, see `Endpoint`.
  public init(parsing text: String) throws(TransportError) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty, path.utf8.count < 108 else {
        throw .notAnAddress(text, "a Unix path has 1 to 107 octets")
      }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { throw .notAnAddress(text, "it does not end in a port from 0 to 65535") }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard let address = SocketAddress(host: host, port: port) else {
      throw .notAnAddress(text, "it is neither an IPv4 nor, in brackets, an IPv6 address")
    }
    self = address
  }

  /// An address from an IPv4 or IPv6 literal without brackets; `nil` if `host` is neither.
  public init?(host: String, port: UInt16) {
    var v4 = in_addr()
    if unsafe inet_pton(AF_INET, host, &v4) == 1 {
      self = .ipv4(UInt32(bigEndian: v4.s_addr), port: port)
      return
    }
    let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    var v6 = in6_addr()
    guard let literal = parts.first, unsafe inet_pton(AF_INET6, String(literal), &v6) == 1 else {
      return nil
    }
    var scope: UInt32 = 0
    if parts.count == 2 {
      let zone = String(parts[1])
      if let number = UInt32(zone) {
        scope = number
      } else {
        unsafe scope = if_nametoindex(zone)
      }
      guard scope != 0 else { return nil }
    }
    self = .ipv6(
      unsafe UInt128(bigEndian: unsafeBitCast(v6, to: UInt128.self)), port: port, scope: scope)
  }
}

extension SocketAddress: CustomStringConvertible {
  /// The address as `init(parsing:)` reads it.
  public var description: String {
    switch self {
    case .ipv4(_, let port): "\(host):\(port)"
    case .ipv6(_, let port, _): "[\(host)]:\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }

  /// The address without its port, IPv6 without brackets; the path of a Unix-domain socket.
  public var host: String {
    switch self {
    case .ipv4(let address, _):
      return Self.text(AF_INET, address.bigEndian)
    case .ipv6(let address, _, let scope):
      let text = Self.text(AF_INET6, address.bigEndian)
      return scope == 0 ? text : "\(text)%\(scope)"
    case .unix(let path):
      return path
    }
  }

  private static func text<Address: BitwiseCopyable>(_ family: Int32, _ address: Address) -> String
  {
    var address = address
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      guard let base = buffer.baseAddress,
        unsafe inet_ntop(family, &address, base, 64) != nil
      else { return "?" }
      return unsafe String(cString: base)
    }
  }
}

extension SocketAddress {
  /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
  var family: Int32 {
    switch self {
    case .ipv4: AF_INET
    case .ipv6: AF_INET6
    case .unix: AF_UNIX
    }
  }

  /// Lends the address in the kernel's form.
  func withSocketAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    var storage = sockaddr_storage()
    let length = fill(&storage)
    return unsafe withUnsafePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
    }
  }

  private func fill(_ storage: inout sockaddr_storage) -> socklen_t {
    unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      switch self {
      case .ipv4(let address, let port):
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = port.bigEndian
        v4.sin_addr.s_addr = address.bigEndian
        unsafe bytes.storeBytes(of: v4, as: sockaddr_in.self)
        return socklen_t(MemoryLayout<sockaddr_in>.size)
      case .ipv6(let address, let port, let scope):
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = port.bigEndian
        v6.sin6_scope_id = scope
        v6.sin6_addr = unsafe unsafeBitCast(address.bigEndian, to: in6_addr.self)
        unsafe bytes.storeBytes(of: v6, as: sockaddr_in6.self)
        return socklen_t(MemoryLayout<sockaddr_in6>.size)
      case .unix(let path):
        unsafe bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
        let octets = Array(path.utf8.prefix(107))
        unsafe bytes.baseAddress?.advanced(by: 2).copyMemory(
          from: octets, byteCount: octets.count)
        // The abstract namespace begins with a zero octet and has no terminator.
        guard octets.first == UInt8(ascii: "@") else { return socklen_t(3 + octets.count) }
        unsafe bytes.storeBytes(of: 0, toByteOffset: 2, as: UInt8.self)
        return socklen_t(2 + octets.count)
      }
    }
  }

  /// The address that the kernel has written, or `nil` for a family unknown here.
  init?(_ storage: inout sockaddr_storage, length: socklen_t) {
    let family = Int32(storage.ss_family)
    let parsed: SocketAddress? = unsafe withUnsafeBytes(of: &storage) { bytes in
      switch family {
      case AF_INET:
        let v4 = unsafe bytes.load(as: sockaddr_in.self)
        return .ipv4(
          UInt32(bigEndian: v4.sin_addr.s_addr), port: UInt16(bigEndian: v4.sin_port))
      case AF_INET6:
        let v6 = unsafe bytes.load(as: sockaddr_in6.self)
        return .ipv6(
          unsafe UInt128(bigEndian: unsafeBitCast(v6.sin6_addr, to: UInt128.self)),
          port: UInt16(bigEndian: v6.sin6_port), scope: v6.sin6_scope_id)
      case AF_UNIX:
        var path = unsafe Array(bytes[2..<max(2, min(Int(length), 110))])
        let isAbstract = path.first == 0 && path.count > 1
        if isAbstract { path[0] = UInt8(ascii: "@") }
        let end = isAbstract ? path.count : (path.firstIndex(of: 0) ?? path.count)
        return .unix(path: String(decoding: path[..<end], as: UTF8.self))
      default:
        return nil
      }
    }
    guard let parsed else { return nil }
    self = parsed
  }

  /// The address of one end of a socket.
  init?(_ end: SocketEnd, of descriptor: Int32) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        switch end {
        case .local: unsafe getsockname(descriptor, $0, &length)
        case .peer: unsafe getpeername(descriptor, $0, &length)
        }
      }
    }
    guard status == 0 else { return nil }
    self.init(&storage, length: length)
  }
}

/// Which end of a connection.
enum SocketEnd {
  case local
  case peer
}

extension TransportError {
  fileprivate static func notAnAddress(_ text: String, _ why: String) -> TransportError {
    TransportError(.invalidAddress, attempt: "use “\(text)” as an address", detail: why)
  }
}
