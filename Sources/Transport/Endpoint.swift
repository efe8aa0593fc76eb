/// Where to connect to: an address, or a name that is still to be resolved.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// An address.
  case address(SocketAddress)
  /// A host name (or a literal without brackets) and a port.
  case host(String, port: UInt16)

  /// The endpoint as it stands in messages.
  public var description: String {
    switch self {
    case .address(let address): address.description
    case .host(let name, let port): name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
    }
  }

  /// The addresses, if nothing has to be resolved.
  var literal: SocketAddress? {
    switch self {
    case .address(let address): address
    case .host(let name, let port): SocketAddress(host: name, port: port)
    }
  }
}
