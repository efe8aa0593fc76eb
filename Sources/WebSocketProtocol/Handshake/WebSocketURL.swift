/// Where a WebSocket server is and what is asked of it (RFC 6455 §3).
///
/// Beside `ws:` and `wss:` it reads `ws+unix:/path/to/socket:/resource` and `wss+unix:`, for servers
/// on a Unix-domain socket.
public struct WebSocketURL: Hashable, Sendable, CustomStringConvertible {
  /// Whether TLS comes first (`wss`).
  public let isSecure: Bool
  /// The host as the resolver takes it: a name or an address, an IPv6 one without brackets.
  public let host: String
  /// The TCP port, the default of the scheme if the URL names none.
  public let port: Int
  /// The path of the Unix-domain socket, or nil for TCP.
  public let socketPath: String?
  /// The path, `/` if empty, and the query: the target of the request (RFC 6455 §3).
  public let resourceName: String

  /// Reads a URL.
  /// - Parameter text: The URL as the user wrote it.
  /// - Throws: ``WebSocketURLError``, which says in one line what is wrong.
  public init(_ text: String) throws(WebSocketURLError) {
    do {
      try self.init(reading: text)
    } catch {
      throw WebSocketURLError(text: text, reason: error.reason)
    }
  }

  private init(reading text: String) throws(Flaw) {
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
      throw Flaw("it has no scheme: write ws://host:port/path")
    }
    let scheme = text[..<colon].lowercased()
    let rest = text[text.utf8.index(after: colon)...]
    guard !rest.utf8.contains(UInt8(ascii: "#")) else {
      throw Flaw("a WebSocket URL has no fragment: write %23 for #")
    }
    guard rest.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
      throw Flaw("percent-encode white space and what is not US-ASCII")
    }
    switch scheme {
    case "ws": try self.init(isSecure: false, tcp: rest)
    case "wss": try self.init(isSecure: true, tcp: rest)
    case "ws+unix": try self.init(isSecure: false, unix: rest)
    case "wss+unix": try self.init(isSecure: true, unix: rest)
    case "http": throw Flaw("write ws: instead of http:")
    case "https": throw Flaw("write wss: instead of https:")
    default: throw Flaw("the scheme is not ws or wss")
    }
  }

  private init(isSecure: Bool, tcp rest: Substring) throws(Flaw) {
    guard rest.hasPrefix("//") else {
      throw Flaw("the scheme is not followed by //host")
    }
    let hierarchy = rest.dropFirst(2)
    let end = hierarchy.firstIndex { $0 == "/" || $0 == "?" } ?? hierarchy.endIndex
    let authority = try Self.split(hierarchy[..<end])
    host = String(authority.host)
    if let digits = authority.port {
      guard let number = UInt16(digits), number > 0 else {
        throw Flaw("the port is not a number from 1 to 65535")
      }
      port = Int(number)
    } else {
      port = Self.defaultPort(isSecure)
    }
    self.isSecure = isSecure
    socketPath = nil
    resourceName = Self.resourceName(hierarchy[end...])
  }

  private init(isSecure: Bool, unix rest: Substring) throws(Flaw) {
    let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    // ws+unix:///path is the same as ws+unix:/path.
    let path = parts[0].hasPrefix("///") ? parts[0].dropFirst(2) : parts[0]
    guard path.hasPrefix("/"), path.count > 1 else {
      throw Flaw("the scheme is not followed by the absolute path of a socket")
    }
    let resource = parts.count > 1 ? parts[1] : ""
    guard resource.isEmpty || resource.hasPrefix("/") || resource.hasPrefix("?") else {
      throw Flaw("the resource after the socket's path does not begin with /")
    }
    self.isSecure = isSecure
    socketPath = String(path)
    host = "localhost"
    port = Self.defaultPort(isSecure)
    resourceName = Self.resourceName(resource)
  }

  /// The value of the Host field: the port only where it is not the default (RFC 6455 §4.1).
  public var authority: String {
    let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    return port == Self.defaultPort(isSecure) ? name : "\(name):\(port)"
  }

  /// The URL in its normal form.
  public var description: String {
    let scheme = isSecure ? "wss" : "ws"
    return socketPath.map { "\(scheme)+unix:\($0):\(resourceName)" }
      ?? "\(scheme)://\(authority)\(resourceName)"
  }

  /// Splits `host [ ":" port ]`; the port is nil where there is none or an empty one.
  static func split(
    _ authority: Substring
  ) throws(Flaw) -> (host: Substring, port: Substring?) {
    guard !authority.utf8.contains(UInt8(ascii: "@")) else {
      throw Flaw("a WebSocket URL has no user name: send a header field")
    }
    let host: Substring
    let rest: Substring
    if authority.hasPrefix("[") {
      guard let bracket = authority.firstIndex(of: "]") else {
        throw Flaw("the [ of the IPv6 address is not closed")
      }
      host = authority[..<bracket].dropFirst()
      rest = authority[bracket...].dropFirst()
      guard isIPv6Literal(host) else {
        throw Flaw("there is no IPv6 address between [ and ]")
      }
    } else {
      let colon = authority.firstIndex(of: ":") ?? authority.endIndex
      host = authority[..<colon]
      rest = authority[colon...]
      guard !rest.dropFirst().contains(":") else {
        throw Flaw("an IPv6 address stands in brackets: [::1]")
      }
      guard !host.isEmpty else {
        throw Flaw("the host is missing")
      }
      guard host.utf8.allSatisfy(isHostOctet) else {
        throw Flaw("the host has an invalid character")
      }
    }
    guard rest.isEmpty || rest.hasPrefix(":") else {
      throw Flaw("something other than a port follows the host")
    }
    let port = rest.dropFirst()
    guard port.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
      throw Flaw("the port is not a number")
    }
    return (host, port.isEmpty ? nil : port)
  }

  /// What is wrong with a URL, before it is known with which.
  struct Flaw: Error {
    let reason: String

    init(_ reason: String) {
      self.reason = reason
    }
  }

  private static func defaultPort(_ isSecure: Bool) -> Int {
    isSecure ? 443 : 80
  }

  private static func resourceName(_ text: Substring) -> String {
    text.hasPrefix("/") ? String(text) : "/" + text
  }

  /// RFC 3986 §3.2.2 reg-name: unreserved, percent-encoded or sub-delims.
  private static func isHostOctet(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default:
      "-._~%!$&'()*+,;=".utf8.contains(octet)
    }
  }

  /// Hexadecimal groups and colons, perhaps an IPv4 tail and a zone; the resolver decides the rest.
  private static func isIPv6Literal(_ text: Substring) -> Bool {
    let address = text.prefix { $0 != "%" }
    return address.utf8.count { $0 == UInt8(ascii: ":") } >= 2
      && address.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
  }
}

/// Why a text is not the URL of a WebSocket server.
public struct WebSocketURLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was to be read.
  public let text: String
  /// What is wrong with it and what to write instead.
  public let reason: String

  /// The text and what is wrong with it, in one line.
  public var description: String {
    "\(text.debugDescription) is not a WebSocket URL: \(reason)"
  }
}
