import ArgumentParser
import Transport
import WebSocketServer

/// What `gauntlet serve` does on its port beside WebSocket, and whom it lets in.
struct ServeHTTPOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Serve the files of a folder below a path, repeatable: /PATH=FOLDER or FOLDER.",
      valueName: "FILES"))
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "Hand requests below a path over to another server, WebSockets too: /PATH=http://HOST:PORT.",
      valueName: "FORWARD"))
  var forward: [String] = []

  @Option(
    help: ArgumentHelp(
      "Take forms with files below a path, written into a folder: /PATH=FOLDER.",
      valueName: "UPLOAD"))
  var upload: [String] = []

  @Flag(inversion: .prefixedNo, help: "Show a page at / to try the WebSocket in a browser.")
  var testPage = true

  @Option(
    help: ArgumentHelp(
      "Let only these pages open WebSockets, repeatable: https://example.org, or same-host.",
      valueName: "ORIGIN"))
  var allowOrigin: [String] = []

  @Option(
    help: ArgumentHelp(
      "Ask for a name and password; a line each: NAME:HASH (see gauntlet hash-password).",
      valueName: "FILE"))
  var users: String?

  @Option(
    help: ArgumentHelp(
      "Ask for an API key; a line each: NAME:SHA256:SCOPES:EXPIRY.", valueName: "FILE"))
  var apiKeys: String?

  @Option(
    help: ArgumentHelp(
      "Ask nobody at this path, repeatable: /health, /public/*.", valueName: "PATH"))
  var exempt: [String] = []

  @Option(help: ArgumentHelp("Requests a minute from one address.", valueName: "N"))
  var requestRate: Int?

  @Option(help: ArgumentHelp("Failed logins a minute from one address (30).", valueName: "N"))
  var failureRate: Int?

  func validate() throws {
    for (flag, list) in [("--forward", forward), ("--upload", upload)] {
      for text in list where Self.split(text) == nil {
        throw ValidationError("\(flag) \(text): write /PATH=…")
      }
    }
    for text in forward {
      guard let (_, url) = Self.split(text), Self.upstream(url) != nil else {
        throw ValidationError("--forward \(text): write /PATH=http://HOST:PORT")
      }
    }
    for path in exempt where !path.hasPrefix("/") {
      throw ValidationError("--exempt \(path): a path begins with /")
    }
    for (flag, rate) in [("--request-rate", requestRate), ("--failure-rate", failureRate)] {
      if let rate, !(1...1_000_000 ~= rate) {
        throw ValidationError("\(flag) \(rate): use 1 to 1000000")
      }
    }
  }

  /// Puts all of it into a configuration; files and folders are looked at now.
  func apply(to configuration: inout ServerConfiguration) throws {
    do {
      for text in upload {
        guard let (path, folder) = Self.split(text) else { continue }
        _ = try FileFolder(folder)
        configuration.http.upload(path, UploadOptions(folder: folder)) { _, form in
          for part in form.parts { part.file?.keep() }
          return .text(
            form.parts.map { part in
              "\(part.name): \(part.byteCount) octets"
                + (part.file.map { " in \($0.path)" } ?? "")
            }.joined(separator: "\n"))
        }
      }
      for text in forward {
        guard let (path, url) = Self.split(text), let upstream = Self.upstream(url) else {
          continue
        }
        configuration.http.forward(path, to: try upstream.forwarding())
      }
      let hasRoot = files.contains { Self.split($0).map { $0.path == "/" } ?? true }
      if testPage, !hasRoot { configuration.http.testPage() }
      for text in files {
        let (path, folder) = Self.split(text) ?? ("/", text)
        configuration.http.files(path, try FileService(root: folder))
      }
      configuration.access = try makeAccess()
    } catch {
      throw couldNotRun("\(error)")
    }
  }

  private func makeAccess() throws -> AccessPolicy? {
    var policy = AccessPolicy()
    if let users { policy.users = try UserList(file: users) }
    if let apiKeys { policy.keys = try APIKeys(file: apiKeys) }
    policy.exemptPaths = exempt
    if !allowOrigin.isEmpty {
      policy.origins = OriginPolicy(
        allowOrigin == ["same-host"] ? .sameHost : .listed(allowOrigin))
    }
    var limits = RateLimits()
    limits.requestsPerMinute = requestRate
    if let failureRate { limits.failuresPerMinute = failureRate }
    policy.rateLimits = limits
    let isOn = users != nil || apiKeys != nil || !allowOrigin.isEmpty || requestRate != nil
    return isOn ? policy : nil
  }

  private static func split(_ text: String) -> (path: String, rest: String)? {
    guard text.hasPrefix("/"), let equals = text.firstIndex(of: "=") else { return nil }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  private struct Upstream {
    let host: String
    let port: UInt16
    let isSecure: Bool

    func forwarding() throws -> Forwarding {
      let endpoint =
        SocketAddress(host: host, port: port).map { Endpoint.address($0) }
        ?? .host(host, port: port)
      return Forwarding(to: endpoint, tls: isSecure ? try TLSContext() : nil)
    }
  }

  private static func upstream(_ url: String) -> Upstream? {
    let isSecure = url.hasPrefix("https://")
    guard isSecure || url.hasPrefix("http://") else { return nil }
    var authority = url.dropFirst(isSecure ? 8 : 7)
    if authority.hasSuffix("/") { authority = authority.dropLast() }
    guard !authority.isEmpty, !authority.contains("/") else { return nil }
    guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
      return Upstream(host: String(authority), port: isSecure ? 443 : 80, isSecure: isSecure)
    }
    guard let port = UInt16(authority[authority.index(after: colon)...]) else { return nil }
    let host = authority[..<colon].drop { $0 == "[" }
    return Upstream(
      host: String(host.hasSuffix("]") ? host.dropLast() : host), port: port, isSecure: isSecure)
  }
}
