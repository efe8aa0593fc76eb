import Transport
import WebSocketServer

/// Makes the decision on who may come in of what flags or a file say of it.
struct AccessReader {
  /// Whether a client of some listener can show a certificate.
  let asksForCertificates: Bool

  /// The policy; `nil` where nothing is said.
  func read(_ root: ConfigurationSection) throws(SpecError) -> AccessPolicy? {
    var policy: AccessPolicy?
    try root.section("access") { section throws(SpecError) in
      policy = try self.policy(section)
    }
    return policy
  }

  private func policy(_ section: ConfigurationSection) throws(SpecError) -> AccessPolicy {
    var policy = AccessPolicy()
    policy.realm = try section.string("realm") ?? policy.realm
    if let file = try section.file("users") {
      do {
        policy.users = try UserList(file: file)
      } catch {
        throw section.unusable("users", error)
      }
    }
    policy.keys = try keys(section)
    policy.acceptsURLCredentials = try section.bool("urlCredentials") ?? false
    policy.acceptsSessions = try section.bool("sessions") ?? true
    policy.acceptsCertificates = try section.bool("certificates") ?? false
    guard asksForCertificates || !policy.acceptsCertificates else {
      throw section.mistake(
        "certificates", "no listener asks for any: say so with listeners[].tls.clients")
    }
    policy.exemptPaths = try section.strings("exempt") ?? []
    guard policy.exemptPaths.allSatisfy({ $0.hasPrefix("/") }) else {
      throw section.mistake("exempt", "a path begins with /")
    }
    policy.requiredScopes = try scopes(section)
    let isAsked = policy.users != nil || policy.keys != nil || policy.acceptsCertificates
    guard isAsked || policy.requiredScopes.isEmpty else {
      throw section.mistake("scopes", "nobody is asked who he is: give users or keys")
    }
    policy.origins = try origins(section)
    policy.rateLimits = try rates(section)
    return policy
  }

  private func keys(_ section: ConfigurationSection) throws(SpecError) -> APIKeys? {
    guard case .object? = section.said("keys")?.content else {
      return try section.file("keys").map { file throws(SpecError) in
        try Self.keys(in: file, section, "keys")
      }
    }
    var keys: APIKeys?
    try section.section("keys") { section throws(SpecError) in
      guard let file = try section.file("file") else {
        throw section.mistake("file", "write the file with the keys")
      }
      var list = try Self.keys(in: file, section, "file")
      if section.saysNo("field") {
        list.fieldName = nil
      } else {
        list.fieldName = try section.string("field") ?? list.fieldName
      }
      list.queryName = try section.string("query")
      keys = list
    }
    return keys
  }

  private static func keys(
    in file: String, _ section: ConfigurationSection, _ key: String
  ) throws(SpecError) -> APIKeys {
    do {
      return try APIKeys(file: file)
    } catch {
      throw section.unusable(key, error)
    }
  }

  private func scopes(
    _ section: ConfigurationSection
  ) throws(SpecError) -> [(path: String, scope: String)] {
    var scopes: [(path: String, scope: String)] = []
    try section.sections("scopes") { section throws(SpecError) in
      guard let path = try section.target("path") else {
        throw section.mistake("path", "write the path, such as \"/admin/*\"")
      }
      scopes.append((path, try section.requiredString("scope", "the scope that it asks for")))
    }
    return scopes
  }

  private func origins(_ section: ConfigurationSection) throws(SpecError) -> OriginPolicy {
    let allowsMissing = try section.bool("missingOrigin") ?? true
    guard let list = try section.strings("origins") else {
      return OriginPolicy(.any, allowsMissing: allowsMissing)
    }
    if list == ["same-host"] { return OriginPolicy(.sameHost, allowsMissing: allowsMissing) }
    for text in list {
      // What a browser sends has no path (RFC 6454 §6.2), so that one would never fit.
      guard let range = text.firstRange(of: "://"), range.lowerBound > text.startIndex,
        range.upperBound < text.endIndex, !text[range.upperBound...].contains("/")
      else {
        throw section.mistake(
          "origins", "\(text) is no origin: write https://example.org, or same-host alone")
      }
    }
    return OriginPolicy(.listed(list), allowsMissing: allowsMissing)
  }

  private func rates(_ section: ConfigurationSection) throws(SpecError) -> RateLimits? {
    var limits: RateLimits? = RateLimits()
    try section.optionalSection("rates", off: { limits = nil }) { section throws(SpecError) in
      var rates = RateLimits()
      rates.requestsPerMinute = try section.count("requests", 1...1_000_000)
      rates.failuresPerMinute =
        try section.count("failures", 1...1_000_000) ?? rates.failuresPerMinute
      rates.trackedNetworkCount =
        try section.count("networks", 1...10_000_000) ?? rates.trackedNetworkCount
      limits = rates
    }
    return limits
  }
}
