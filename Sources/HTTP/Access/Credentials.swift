/// What an Authorization field holds (RFC 9110 §11.4).
public enum Credentials: Hashable, Sendable {
  /// A user name and a password (RFC 7617).
  case basic(user: String, password: String)
  /// A token that stands for itself (RFC 6750 §2.1).
  case bearer(String)
  /// Another scheme, its name in lower case, with everything after it.
  case other(scheme: String, text: String)

  /// Reads the value of the field, or returns nil when it is malformed.
  public init?(_ value: String) {
    let space = value.firstIndex(of: " ") ?? value.endIndex
    let scheme = value[..<space].lowercased()
    let text = String(value[space...].drop { $0 == " " })
    guard Syntax.isToken(scheme) else { return nil }
    switch scheme {
    case "basic":
      guard let octets = Base64.decode(text),
        let pair = String(validating: octets, as: UTF8.self),
        let colon = pair.firstIndex(of: ":"),
        // RFC 7617 §2: neither may have control characters.
        !octets.contains(where: { $0 < 0x20 || $0 == 0x7f })
      else { return nil }
      self = .basic(
        user: String(pair[..<colon]), password: String(pair[pair.index(after: colon)...]))
    case "bearer":
      guard Self.isToken68(text) else { return nil }
      self = .bearer(text)
    default: self = .other(scheme: scheme, text: text)
    }
  }

  /// Whether the text is a token68 (RFC 9110 §11.2).
  private static func isToken68(_ text: String) -> Bool {
    let body = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }
    return !body.isEmpty
      && body.allSatisfy { octet in
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-._~+/".utf8.contains(octet)
        }
      }
  }
}

/// A challenge of a 401 response (RFC 9110 §11.6.1).
public struct Challenge: Hashable, Sendable, CustomStringConvertible {
  /// The scheme's name.
  public var scheme: String
  /// Its parameters, in order; the values are quoted.
  public var parameters: [String: String]

  /// Makes a challenge.
  public init(_ scheme: String, _ parameters: [String: String] = [:]) {
    self.scheme = scheme
    self.parameters = parameters
  }

  /// The challenge as it stands in WWW-Authenticate.
  public var description: String {
    let list = parameters.sorted { $0.key < $1.key }.map { name, value in
      var quoted = ""
      for character in value where !character.isNewline {
        if character == "\"" || character == "\\" { quoted += "\\" }
        quoted.append(character)
      }
      return "\(name)=\"\(quoted)\""
    }
    return list.isEmpty ? scheme : "\(scheme) \(list.joined(separator: ", "))"
  }
}
