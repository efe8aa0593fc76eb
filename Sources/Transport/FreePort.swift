internal import CLinux
internal import Glibc

/// A TCP port of the loopback that nobody listens on.
public enum FreePort {
  /// A port that was free a moment ago.
  ///
  /// The system deals such ports out in turn, so that the same one does not come again soon.
  public static func find() throws(TransportError) -> UInt16 {
    let attempt = "find a free port"
    let descriptor = Descriptors.streamSocket(AF_INET)
    guard descriptor >= 0 else { throw TransportError(errno: -descriptor, attempt: attempt) }
    defer { close(descriptor) }
    let code = Descriptors.bind(descriptor, to: .loopback(port: 0))
    guard code == 0, let port = SocketAddress(.local, of: descriptor)?.port else {
      throw TransportError(errno: code, attempt: attempt)
    }
    return port
  }
}
