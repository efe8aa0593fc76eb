/// Which side of the connection this endpoint is: it decides who masks, per RFC 6455 §5.1.
public enum Role: Hashable, Sendable, CaseIterable {
  /// Opened the connection; masks every frame it sends.
  case client
  /// Accepted the connection; never masks.
  case server

  /// The other side.
  public var peer: Role {
    switch self {
    case .client: .server
    case .server: .client
    }
  }
}
