internal import Glibc

/// Why the network did not do what was asked of it, in one line that names what was attempted.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What happened, as far as a caller may want to react differently.
  public enum Kind: Hashable, Sendable {
    /// Nobody listens there.
    case connectionRefused
    /// The peer tore the connection down.
    case connectionReset
    /// There is no way to that host or network.
    case unreachable
    /// It took longer than allowed.
    case timedOut
    /// The name does not resolve.
    case nameNotFound
    /// The resolver could not answer now; it may later.
    case nameServerFailed
    /// Another socket has that address.
    case addressInUse
    /// The address is none of this machine's.
    case addressNotAvailable
    /// The text is not an address, or one of a kind that does not fit here.
    case invalidAddress
    /// The operating system forbids it.
    case permissionDenied
    /// The process or the system has no file descriptors left.
    case noDescriptors
    /// No memory or buffer space.
    case noMemory
    /// A file (socket, certificate, key) is missing or unreadable.
    case fileNotUsable
    /// The loop has stopped.
    case loopStopped
    /// The peer's certificate is not signed by anyone trusted.
    case tlsUntrusted
    /// The peer's certificate is for another name.
    case tlsWrongName
    /// The peer's certificate has expired or is not valid yet.
    case tlsExpired
    /// TLS could not be agreed on, or was violated.
    case tlsProtocol
    /// What the peer sent is not TLS.
    case notTLS
    /// The local certificate, key or options cannot be used.
    case tlsConfiguration
    /// Something else; `code` and `detail` tell.
    case other
  }

  /// What happened.
  public var kind: Kind
  /// What was attempted, as a phrase that follows "cannot": `connect to 127.0.0.1:9001`.
  public var attempt: String
  /// What the system or OpenSSL says about it.
  public var detail: String
  /// The `errno`, or 0 if there is none.
  public var code: Int32

  /// An error with all its parts.
  public init(_ kind: Kind, attempt: String, detail: String, code: Int32 = 0) {
    self.kind = kind
    self.attempt = attempt
    self.detail = detail
    self.code = code
  }

  /// An error from an `errno`.
  public init(errno code: Int32, attempt: String) {
    self.init(
      Kind(errno: code), attempt: attempt, detail: TransportError.text(of: code), code: code)
  }

  /// One line: `cannot connect to 127.0.0.1:9001: connection refused`.
  public var description: String { "cannot \(attempt): \(detail)" }

  private static func text(of code: Int32) -> String {
    switch code {
    case ECONNREFUSED: return "connection refused"
    case ECONNRESET, EPIPE: return "connection reset by the peer"
    case EMFILE: return "this process has no file descriptors left (see ulimit -n)"
    case ENFILE: return "the system has no file descriptors left"
    case EADDRINUSE: return "address already in use"
    case ETIMEDOUT: return "timed out"
    case ENETUNREACH: return "network is unreachable"
    case EHOSTUNREACH: return "no route to host"
    default:
      return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        guard let base = buffer.baseAddress,
          unsafe strerror_r(code, base, 128) == 0
        else { return "error \(code)" }
        return unsafe String(cString: base).lowercased()
      }
    }
  }
}

extension TransportError.Kind {
  /// What an `errno` means here.
  init(errno code: Int32) {
    self =
      switch code {
      case ECONNREFUSED: .connectionRefused
      case ECONNRESET, EPIPE, ECONNABORTED: .connectionReset
      case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN: .unreachable
      case ETIMEDOUT: .timedOut
      case EADDRINUSE: .addressInUse
      case EADDRNOTAVAIL: .addressNotAvailable
      case EINVAL, EAFNOSUPPORT, ENAMETOOLONG: .invalidAddress
      case EACCES, EPERM: .permissionDenied
      case EMFILE, ENFILE: .noDescriptors
      case ENOMEM, ENOBUFS: .noMemory
      case ENOENT, ENOTDIR, ELOOP: .fileNotUsable
      default: .other
      }
  }
}
