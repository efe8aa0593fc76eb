import ArgumentParser

/// Where `gauntlet serve` listens.
struct ServeListeningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "An address, repeatable: ws://HOST:PORT, wss://HOST:PORT, HOST:PORT or unix:/PATH.",
      discussion: "Without a scheme it is TLS exactly if a certificate is given.",
      valueName: "ADDRESS"))
  var listen: [String] = []

  @Option(help: ArgumentHelp("The port, 0 for any free one (default: 9001).", valueName: "N"))
  var port: UInt16?

  @Option(help: ArgumentHelp("The host for --port (default: 127.0.0.1).", valueName: "HOST"))
  var host: String?

  @Option(help: ArgumentHelp("The queue of connections not yet accepted.", valueName: "N"))
  var backlog = 4096

  @OptionGroup(title: "TLS") var tls: ServeTLSOptions

  func validate() throws {
    if !tls.isOn, let flag = tls.firstFlag {
      throw ValidationError(
        "\(flag) is about TLS: give --tls-certificate and --tls-key, --tls-pkcs12 or "
          + "--tls-self-signed, too")
    }
    for text in texts where text.hasPrefix("wss://") && !tls.isOn {
      throw ValidationError(
        "--listen \(text): give --tls-certificate and --tls-key, or --tls-self-signed")
    }
  }

  /// The listeners; what decrypts their TLS goes to `keyLog`, a line at a time.
  func listeners(
    keyLog: (@Sendable (String) -> Void)? = nil
  ) throws -> [ListenerReader.Listener] {
    try ServeSettings.fromFlags { () throws(SpecError) in
      var reader = ListenerReader(keyLog: keyLog)
      let flags = try SpecObject(flags: [members])
      return try reader.read(ConfigurationSection(flags, name: ""))
    }
  }

  /// What a file has in `listeners`.
  var members: SpecValue.Member {
    .init(
      "listeners",
      objects: texts.map { text in
        let isSecure = text.hasPrefix("wss://") || (!text.hasPrefix("ws://") && tls.isOn)
        return [
          .init("address", "--listen", Self.address(text)),
          .init("backlog", "--backlog", backlog),
          .init("tls", isSecure ? tls.members : []),
        ]
      })
  }

  private var texts: [String] {
    guard listen.isEmpty || port != nil || host != nil else { return listen }
    let host = host ?? "127.0.0.1"
    let bracketed = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    return ["\(bracketed):\(port ?? 9001)"] + listen
  }

  /// The address alone, as a file has it.
  private static func address(_ text: String) -> String {
    var rest = Substring(text)
    for scheme in ["ws://", "wss://"] where text.hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      if rest.hasSuffix("/") { rest = rest.dropLast() }
    }
    if rest.hasPrefix("localhost:") { rest = "127.0.0.1:" + rest.dropFirst("localhost:".count) }
    return String(rest)
  }
}

/// Bounds on peers.
struct ServeLimitOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The longest message, also inflated (16M).", valueName: "SIZE"))
  var maxMessage = ByteSize(16 << 20)

  @Option(help: ArgumentHelp("The longest frame (default: as --max-message).", valueName: "SIZE"))
  var maxFrame: ByteSize?

  @Option(help: ArgumentHelp("The most fragments in a message.", valueName: "N"))
  var maxFragments = 1 << 17

  @Option(help: ArgumentHelp("The longest head of a request (16K).", valueName: "SIZE"))
  var maxHead = ByteSize(16 << 10)

  @Option(help: ArgumentHelp("The most connections at a time.", valueName: "N"))
  var maxConnections = 100_000

  @Option(
    help: ArgumentHelp(
      "Output queued for a peer before it is no longer read from (1M).", valueName: "SIZE"))
  var maxQueued = ByteSize(1 << 20)

  @Option(help: ArgumentHelp("What the opening handshake may take (10s).", valueName: "TIME"))
  var handshakeTimeout = TimeSpan(.seconds(10))

  @Option(
    help: ArgumentHelp("Close connections silent for so long (default: never).", valueName: "TIME"))
  var idleTimeout: TimeSpan?

  @Option(help: ArgumentHelp("What the closing handshake may take (5s).", valueName: "TIME"))
  var closingTimeout = TimeSpan(.seconds(5))

  @Flag(help: "Do not check that text is UTF-8.")
  var noUtf8Validation = false

  /// What a file has in `limits`, `timeouts` and `validatesUTF8`.
  var members: [SpecValue.Member] {
    [
      .init(
        "limits",
        [
          .init("message", "--max-message", maxMessage), .init("frame", "--max-frame", maxFrame),
          .init("fragments", "--max-fragments", maxFragments),
          .init("head", "--max-head", maxHead),
          .init("connections", "--max-connections", maxConnections),
          .init("queuedOutput", "--max-queued", maxQueued),
        ]),
      .init(
        "timeouts",
        [
          .init("openingHandshake", "--handshake-timeout", handshakeTimeout),
          .init("idle", "--idle-timeout", idleTimeout),
          .init("closingHandshake", "--closing-timeout", closingTimeout),
        ]),
      .init("validatesUTF8", "--no-utf8-validation", !noUtf8Validation),
    ]
  }
}

/// permessage-deflate.
struct ServeCompressionOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Accept permessage-deflate (RFC 7692).")
  var deflate = true

  @Option(help: ArgumentHelp("1 (fast) to 9 (small).", valueName: "N"))
  var deflateLevel = 1

  @Option(help: ArgumentHelp("Memory for each compressor, 1 to 9.", valueName: "N"))
  var deflateMemory = 8

  @Option(help: ArgumentHelp("Send shorter messages uncompressed (0).", valueName: "SIZE"))
  var deflateThreshold = ByteSize(0)

  @Option(help: ArgumentHelp("The server's window, 9 to 15.", valueName: "BITS"))
  var serverMaxWindowBits = 15

  @Option(help: ArgumentHelp("The clients' window, 8 to 15.", valueName: "BITS"))
  var clientMaxWindowBits = 15

  @Flag(help: "Forget the server's window after each message.")
  var serverNoContextTakeover = false

  @Flag(help: "Tell clients to forget theirs.")
  var clientNoContextTakeover = false

  /// What a file has in `compression`.
  var member: SpecValue.Member {
    guard deflate else { return .init("compression", "--no-deflate", false) }
    return .init(
      "compression",
      [
        .init("level", "--deflate-level", deflateLevel),
        .init("memory", "--deflate-memory", deflateMemory),
        .init("threshold", "--deflate-threshold", deflateThreshold),
        .init("serverMaxWindowBits", "--server-max-window-bits", serverMaxWindowBits),
        .init("clientMaxWindowBits", "--client-max-window-bits", clientMaxWindowBits),
        .init(
          "serverNoContextTakeover", "--server-no-context-takeover", serverNoContextTakeover),
        .init(
          "clientNoContextTakeover", "--client-no-context-takeover", clientNoContextTakeover),
      ])
  }
}
