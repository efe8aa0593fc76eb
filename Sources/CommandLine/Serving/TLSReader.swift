import FoundationEssentials
import Transport

/// Makes TLS of what flags or a file say of it.
struct TLSReader {
  /// Is told the secrets of all connections too.
  let keyLog: (@Sendable (String) -> Void)?

  /// The options, their named hosts with the certificates in place.
  func options(_ section: ConfigurationSection) throws(SpecError) -> TLSServerOptions {
    var options = TLSServerOptions(identity: try Self.identity(section))
    options.applicationProtocols = ["http/1.1"]
    options.passPhrase = ProcessInfo.processInfo.environment["GAUNTLET_TLS_PASS_PHRASE"]
    options.keyLog = keyLog
    try read(section, into: &options)
    let common = options
    var hosts: [TLSHost] = []
    try section.sections("hosts") { host throws(SpecError) in
      guard let names = try host.strings("names"), !names.isEmpty else {
        throw host.mistake("names", "write the names, such as [\"example.org\", \"*.example.org\"]")
      }
      var own = common
      own.identity = try Self.identity(host)
      try read(host, into: &own)
      hosts.append(TLSHost(names: names, context: try Self.context(own, host)))
    }
    options.hosts = hosts
    options.refusesUnknownNames = try section.bool("refusesUnknownNames") ?? false
    return options
  }

  /// A context; what cannot be used is told with the key that names it.
  static func context(
    _ options: TLSServerOptions, _ section: ConfigurationSection
  ) throws(SpecError) -> TLSContext {
    do {
      return try TLSContext(server: options)
    } catch {
      throw section.unusable(error)
    }
  }

  // MARK: Identity

  private static func identity(_ section: ConfigurationSection) throws(SpecError) -> TLSIdentity {
    var found: [(key: String, identity: TLSIdentity)] = []
    let certificate = try section.file("certificate")
    let key = try section.file("key")
    if let certificate, let key {
      found.append(("certificate", .files(certificateChain: certificate, privateKey: key)))
    } else if certificate != nil || key != nil {
      throw section.mistake(
        certificate == nil ? "key" : "certificate",
        "\(section.name(of: "certificate")) and \(section.name(of: "key")) belong together: "
          + "give both")
    }
    if let file = try section.file("bundle") { found.append(("bundle", .bundle(file: file))) }
    if let file = try section.file("pkcs12") { found.append(("pkcs12", .pkcs12(file: file))) }
    try section.section("store") { store throws(SpecError) in
      let example = "a URI such as file:/path or pkcs11:…"
      found.append(
        (
          "store",
          .store(
            certificate: try store.requiredString("certificate", example),
            privateKey: try store.requiredString("key", example))
        ))
    }
    if let names = try selfSigned(section) {
      found.append(("selfSigned", .selfSigned(hostNames: names)))
    }
    guard let first = found.first else {
      throw section.mistake(
        "certificate", "write certificate and key, bundle, pkcs12, store or selfSigned")
    }
    guard found.count == 1 else {
      let names = found.map { section.name(of: $0.key) }.joined(separator: " and ")
      throw section.mistake(first.key, "\(names) exclude each other")
    }
    return first.identity
  }

  private static func selfSigned(_ section: ConfigurationSection) throws(SpecError) -> [String]? {
    switch section.said("selfSigned")?.content {
    case .bool(true)?:
      _ = try section.bool("selfSigned")
      return ["localhost", "127.0.0.1", "::1"]
    case .bool(false)?:
      _ = try section.bool("selfSigned")
      return nil
    default: return try section.strings("selfSigned")
    }
  }

  // MARK: All else

  private static let versions: KeyValuePairs = ["1.2": TLSVersion.v1_2, "1.3": .v1_3]

  /// Reads what is said beside the identity; what is not said stays as it is.
  private func read(
    _ section: ConfigurationSection, into options: inout TLSServerOptions
  ) throws(SpecError) {
    if let name = try section.string("passPhraseVariable") {
      guard let phrase = ProcessInfo.processInfo.environment[name] else {
        throw section.mistake("passPhraseVariable", "there is no variable \(name)")
      }
      options.passPhrase = phrase
    }
    options.acceptsExpiredCertificate =
      try section.bool("acceptsExpired") ?? options.acceptsExpiredCertificate
    options.minimumVersion =
      try section.choice("minimumVersion", Self.versions) ?? options.minimumVersion
    options.maximumVersion =
      try section.choice("maximumVersion", Self.versions) ?? options.maximumVersion
    guard options.minimumVersion <= options.maximumVersion else {
      throw section.mistake(
        "minimumVersion", "the oldest version is newer than the newest, 1.2: exchange them")
    }
    options.cipherList = try section.string("ciphers") ?? options.cipherList
    options.cipherSuites = try section.string("suites") ?? options.cipherSuites
    options.groups = try section.string("groups") ?? options.groups
    options.signatureAlgorithms = try section.string("signatures") ?? options.signatureAlgorithms
    options.securityLevel = try section.count("securityLevel", 0...5) ?? options.securityLevel
    if try section.string("diffieHellman") == "automatic" {
      options.diffieHellman = .automatic
    } else if let file = try section.file("diffieHellman") {
      options.diffieHellman = .file(file)
    }
    options.allowsRenegotiation =
      try section.bool("renegotiation") ?? options.allowsRenegotiation
    options.commands += try section.pairs("options").map { TLSCommand($0.key, $0.text) }
    try readSessions(section, into: &options)
    try readClients(section, into: &options)
    try readKeyLog(section, into: &options)
  }

  private func readSessions(
    _ section: ConfigurationSection, into options: inout TLSServerOptions
  ) throws(SpecError) {
    var changed = options
    try section.optionalSection("sessions", off: { changed.resumesSessions = false }) {
      section throws(SpecError) in
      changed.resumesSessions = true
      changed.sessionTicketCount =
        try section.count("tickets", 1...16) ?? changed.sessionTicketCount
      changed.sessionCacheCount =
        try section.count("cache", 0...(1 << 24)) ?? changed.sessionCacheCount
      changed.sessionLifetime = try section.duration("lifetime") ?? changed.sessionLifetime
    }
    options = changed
  }

  private func readClients(
    _ section: ConfigurationSection, into options: inout TLSServerOptions
  ) throws(SpecError) {
    var changed = options
    try section.section("clients") { section throws(SpecError) in
      let modes: KeyValuePairs = [
        "none": TLSClientCertificates.none, "optional": .optional, "required": .required,
      ]
      guard let mode = try section.choice("certificates", modes) else {
        throw section.mistake(
          "certificates", "say how clients are asked for one: optional or required")
      }
      changed.clientCertificates = mode
      var trust = TLSTrust()
      for path in try section.files("authorities") ?? [] {
        var isFolder = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if isFolder { trust.folders.append(path) } else { trust.files.append(path) }
      }
      trust.includesSystem = try section.bool("trustsSystem") ?? false
      trust.revocationFiles = try section.files("revocations") ?? []
      trust.checksRevocationOfChain = try section.bool("revocationOfChain") ?? false
      guard mode == .none || !trust.isEmpty else {
        throw section.mistake(
          "certificates", "say with \(section.name(of: "authorities")) who signs them")
      }
      changed.clientTrust = trust
    }
    options = changed
  }

  private func readKeyLog(
    _ section: ConfigurationSection, into options: inout TLSServerOptions
  ) throws(SpecError) {
    guard let path = try section.file("keyLog") else { return }
    let keyLog = keyLog
    do throws(TransportError) {
      let file = try LogFile(path)
      options.keyLog = { line in
        file.append(line)
        keyLog?(line)
      }
    } catch {
      throw section.unusable("keyLog", error)
    }
  }
}
