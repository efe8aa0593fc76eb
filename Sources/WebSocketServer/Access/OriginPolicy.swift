import HTTP

/// From which sites' pages browsers may open WebSockets (RFC 6455 §10.2): against hijacking.
public struct OriginPolicy: Hashable, Sendable {
  /// Which origins are let in.
  public enum Allowed: Hashable, Sendable {
    /// All.
    case any
    /// Those whose host and port are those of the request's Host field.
    case sameHost
    /// These, such as `https://example.org`; `https://*.example.org` stands for any name below.
    case listed([String])
  }

  /// Which origins are let in.
  public var allowed: Allowed
  /// Whether a request without Origin, which no browser sends, is let in.
  public var allowsMissing: Bool

  /// Makes a policy.
  public init(_ allowed: Allowed = .any, allowsMissing: Bool = true) {
    self.allowed = allowed
    self.allowsMissing = allowsMissing
  }

  /// Whether a request for a WebSocket is let in.
  public func allows(_ request: ServerRequest) -> Bool {
    if case .any = allowed { return true }
    guard let origin = request.fields.single(.origin) else {
      return allowsMissing && !request.fields.contains(.origin)
    }
    switch allowed {
    case .any: return true
    case .sameHost:
      guard let host = request.authority, let range = origin.firstRange(of: "://") else {
        return false
      }
      let scheme = origin[..<range.lowerBound].lowercased()
      guard scheme == "http" || scheme == "https" else { return false }
      return Self.authority(origin[range.upperBound...], scheme)
        == Self.authority(host[...], scheme)
    case .listed(let list):
      let lowered = origin.lowercased()
      return list.contains { Self.matches(lowered, $0.lowercased()) }
    }
  }

  private static func authority(_ text: Substring, _ scheme: String) -> String {
    let lowered = text.lowercased()
    let port = scheme == "https" ? ":443" : ":80"
    return lowered.hasSuffix(port) ? String(lowered.dropLast(port.count)) : lowered
  }

  private static func matches(_ origin: String, _ pattern: String) -> Bool {
    guard let star = pattern.firstRange(of: "*.") else { return origin == pattern }
    let start = pattern[..<star.lowerBound]
    let end = pattern[pattern.index(after: star.lowerBound)...]
    guard origin.hasPrefix(start), origin.hasSuffix(end),
      origin.utf8.count > start.utf8.count + end.utf8.count
    else { return false }
    // What the star stands for is part of a name and nothing else.
    return origin.dropFirst(start.count).dropLast(end.count).utf8.allSatisfy {
      Syntax.isTokenOctet($0) && $0 != UInt8(ascii: "*")
    }
  }
}
