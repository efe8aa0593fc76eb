import Transport
import WebSocketServer

/// Makes the way to another server of what flags or a file say of it.
enum ForwardingReader {
  static func read(_ section: ConfigurationSection) throws(SpecError) -> Forwarding {
    let text = try section.requiredString("to", "http://HOST:PORT")
    guard let upstream = Upstream(text) else {
      throw section.mistake("to", "write http://HOST:PORT or https://HOST:PORT, without a path")
    }
    var forwarding = Forwarding(
      to: upstream.endpoint, tls: try tls(section, upstream),
      connectTimeout: try section.duration("connectTimeout") ?? .seconds(10))
    forwarding.forwardsWebSockets = try section.bool("webSockets") ?? true
    forwarding.keepsHost = try section.bool("keepsHost") ?? false
    forwarding.maximumBodyByteCount =
      try section.byteCount("maximumBody") ?? forwarding.maximumBodyByteCount
    forwarding.responseTimeout =
      try section.duration("responseTimeout") ?? forwarding.responseTimeout
    return forwarding
  }

  private static func tls(
    _ section: ConfigurationSection, _ upstream: Upstream
  ) throws(SpecError) -> TLSContext? {
    var options = TLSClientOptions()
    options.authoritiesFile = try section.file("authorities")
    options.verifiesPeer = try section.bool("verifies") ?? true
    guard upstream.isSecure else { return nil }
    do {
      return try TLSContext(client: options)
    } catch {
      throw section.unusable(error)
    }
  }

  /// The parts of a URL of a server.
  private struct Upstream {
    let endpoint: Endpoint
    let isSecure: Bool

    init?(_ url: String) {
      isSecure = url.hasPrefix("https://")
      guard isSecure || url.hasPrefix("http://") else { return nil }
      var authority = url.dropFirst(isSecure ? 8 : 7)
      if authority.hasSuffix("/") { authority = authority.dropLast() }
      guard !authority.isEmpty, !authority.contains("/") else { return nil }
      var port: UInt16 = isSecure ? 443 : 80
      if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
        guard let number = UInt16(authority[authority.index(after: colon)...]) else { return nil }
        port = number
        authority = authority[..<colon]
      }
      let host = authority.filter { $0 != "[" && $0 != "]" }
      guard !host.isEmpty else { return nil }
      endpoint =
        SocketAddress(host: host, port: port).map { .address($0) } ?? .host(host, port: port)
    }
  }
}
