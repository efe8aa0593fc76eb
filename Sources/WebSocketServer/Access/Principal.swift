/// Who a client is, once that was found out.
public struct Principal: Hashable, Sendable {
  /// How it was found out.
  public enum Scheme: String, Hashable, Sendable {
    /// A user name and a password in the Authorization field.
    case basic
    /// A token in the Authorization field.
    case bearer
    /// An API key.
    case key
    /// A user name and a password, or a token, in the URL.
    case url
    /// A session that was authenticated before.
    case session
    /// A client certificate.
    case certificate
    /// A scheme of the application's own.
    case other
  }

  /// The name: of the user, the key, or whatever a hook gives.
  public var name: String
  /// How it was found out.
  public var scheme: Scheme
  /// What it may do, in the application's words.
  public var scopes: Set<String>

  /// Makes a principal.
  public init(_ name: String, scheme: Scheme, scopes: Set<String> = []) {
    self.name = name
    self.scheme = scheme
    self.scopes = scopes
  }
}
