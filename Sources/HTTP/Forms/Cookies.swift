/// The cookies that a client sends (RFC 6265 §5.4).
public enum Cookies {
  /// The first cookie of a name in a request's fields, or nil; names are case-sensitive.
  public static func value(of name: String, in fields: HTTPFields) -> String? {
    for line in fields[values: .cookie] {
      for pair in line.split(separator: ";") {
        let trimmed = pair.drop { $0 == " " || $0 == "\t" }
        guard let equals = trimmed.firstIndex(of: "="), trimmed[..<equals] == name else {
          continue
        }
        return String(trimmed[trimmed.index(after: equals)...])
      }
    }
    return nil
  }
}

/// A cookie that a server sets (RFC 6265 §4.1).
public struct SetCookie: Hashable, Sendable, CustomStringConvertible {
  /// Whether other sites' requests carry the cookie.
  public enum SameSite: String, Hashable, Sendable {
    /// Never.
    case strict = "Strict"
    /// Only when a link is followed.
    case lax = "Lax"
    /// Always; browsers want `isSecure` then.
    case none = "None"
  }

  /// The name, a token.
  public var name: String
  /// The value, without quotes, commas, semicolons, backslashes and white space.
  public var value: String
  /// The path below which it is sent.
  public var path = "/"
  /// How many seconds it lives; nil for as long as the browser runs, 0 to delete it.
  public var maxAge: Int?
  /// Whether scripts cannot read it.
  public var isHTTPOnly = true
  /// Whether it is sent over TLS only.
  public var isSecure = false
  /// Whether other sites' requests carry it.
  public var sameSite = SameSite.lax

  /// Makes a cookie, or returns nil when name or value cannot stand in the field.
  public init?(_ name: String, _ value: String) {
    let isValue = value.utf8.allSatisfy {
      0x21...0x7e ~= $0 && ![0x22, 0x2c, 0x3b, 0x5c].contains($0)
    }
    guard Syntax.isToken(name), isValue else { return nil }
    self.name = name
    self.value = value
  }

  /// The value of the Set-Cookie field.
  public var description: String {
    var text = "\(name)=\(value); Path=\(path)"
    if let maxAge { text += "; Max-Age=\(maxAge)" }
    if isHTTPOnly { text += "; HttpOnly" }
    if isSecure { text += "; Secure" }
    return text + "; SameSite=\(sameSite.rawValue)"
  }
}
