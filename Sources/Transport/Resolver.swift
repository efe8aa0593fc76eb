internal import CLinux
internal import Glibc

/// Resolves names with the system's resolver, which blocks, on a thread made for it.
enum Resolver {
  /// Resolves `name`; `completion` is called once, on another thread.
  static func resolve(
    _ name: String, port: UInt16,
    _ completion: @escaping @Sendable (Result<[SocketAddress], TransportError>) -> Void
  ) {
    do throws(TransportError) {
      let thread = try LoopThread.spawn(name: "gauntlet-names", attempt: "resolve \(name)") {
        completion(lookUp(name, port: port))
      }
      _ = pthread_detach(thread)
    } catch {
      completion(.failure(error))
    }
  }

  /// Resolves `name` on the calling thread.
  static func lookUp(_ name: String, port: UInt16) -> Result<[SocketAddress], TransportError> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    var status = unsafe getaddrinfo(name, nil, &hints, &list)
    if status == EAI_NONAME || status == -9 || status == -5 {
      // AI_ADDRCONFIG finds nothing where only the loopback interface is up.
      unsafe hints.ai_flags = 0
      status = unsafe getaddrinfo(name, nil, &hints, &list)
    }
    guard status == 0 else { return .failure(error(status, name)) }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var entry = unsafe list
    while let current = unsafe entry {
      var storage = sockaddr_storage()
      let length = unsafe min(
        Int(current.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
      if let source = unsafe current.pointee.ai_addr {
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
          unsafe bytes.baseAddress?.copyMemory(from: source, byteCount: length)
        }
        if let address = SocketAddress(&storage, length: socklen_t(length)),
          !addresses.contains(address.withPort(port))
        {
          addresses.append(address.withPort(port))
        }
      }
      unsafe entry = current.pointee.ai_next
    }
    return addresses.isEmpty ? .failure(error(EAI_NONAME, name)) : .success(addresses)
  }

  private static func error(_ status: Int32, _ name: String) -> TransportError {
    let kind: TransportError.Kind =
      switch status {
      case EAI_NONAME, -5: .nameNotFound
      case EAI_AGAIN, EAI_FAIL: .nameServerFailed
      case EAI_MEMORY: .noMemory
      default: .other
      }
    let text = unsafe String(cString: gai_strerror(status))
    return TransportError(kind, attempt: "resolve \(name)", detail: text.lowercased())
  }
}

extension SocketAddress {
  /// The addresses to listen at for a host and a service, found with the system's resolver, which blocks.
  ///
  /// - Parameters:
  ///   - host: A name or a literal; `nil` or `*` stands for all addresses of the machine.
  ///   - service: A port by its number or by its name in the system's list, such as `http`.
  /// - Returns: At least one address.
  /// - Throws: `nameNotFound` if there is no such host or service.
  public static func listening(
    host: String?, service: String
  ) throws(TransportError) -> [SocketAddress] {
    let port = try Resolver.port(of: service)
    guard let host, host != "*" else { return [.ipv6(0, port: port)] }
    if let literal = SocketAddress(host: host, port: port) { return [literal] }
    return try Resolver.lookUp(host, port: port).get()
  }
}

extension Resolver {
  /// The port of a service.
  static func port(of service: String) throws(TransportError) -> UInt16 {
    if let number = UInt16(service) { return number }
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_INET
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(nil, service, &hints, &list)
    defer { if unsafe list != nil { unsafe freeaddrinfo(list) } }
    guard status == 0, let found = unsafe list?.pointee, let raw = unsafe found.ai_addr else {
      throw TransportError(
        .nameNotFound, attempt: "listen at the service \(service)",
        detail: "no TCP service of that name, and no number from 0 to 65535")
    }
    return unsafe raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      UInt16(bigEndian: unsafe $0.pointee.sin_port)
    }
  }
}
