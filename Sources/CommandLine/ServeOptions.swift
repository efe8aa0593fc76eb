import ArgumentParser
import Transport
import WebSocketServer

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

  /// A listener and the scheme of its URLs.
  struct Listener {
    let configuration: ListenerConfiguration
    let scheme: String
  }

  func validate() throws {
    guard 1...65535 ~= backlog else {
      throw ValidationError("--backlog \(backlog): use 1 to 65535")
    }
    for text in texts where text.hasPrefix("wss://") && !tls.isOn {
      throw ValidationError(
        "--listen \(text): give --tls-certificate and --tls-key, or --tls-self-signed")
    }
    for text in texts { _ = try address(text) }
  }

  /// The listeners; what decrypts their TLS goes to `keyLog`, a line at a time.
  func listeners(keyLog: (@Sendable (String) -> Void)? = nil) throws -> [Listener] {
    let tls = try self.tls.makeContext(keyLog: keyLog)
    return try texts.map { text in
      let isSecure = text.hasPrefix("wss://") || (!text.hasPrefix("ws://") && tls != nil)
      return Listener(
        configuration: ListenerConfiguration(
          address: try address(text), tls: isSecure ? tls : nil, backlog: backlog),
        scheme: isSecure ? "wss" : "ws")
    }
  }

  private var texts: [String] {
    guard listen.isEmpty || port != nil || host != nil else { return listen }
    let host = host ?? "127.0.0.1"
    let bracketed = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    return ["\(bracketed):\(port ?? 9001)"] + listen
  }

  private func address(_ text: String) throws -> SocketAddress {
    var rest = Substring(text)
    for scheme in ["ws://", "wss://"] where text.hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      if rest.hasSuffix("/") { rest = rest.dropLast() }
    }
    if rest.hasPrefix("localhost:") { rest = "127.0.0.1:" + rest.dropFirst("localhost:".count) }
    do {
      return try SocketAddress(parsing: String(rest))
    } catch {
      throw ValidationError(
        "\(text) is no address to listen on: write 127.0.0.1:9001, [::1]:9001 or unix:/path")
    }
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

  func check() throws {
    guard maxFragments >= 1 else { throw ValidationError("--max-fragments: use 1 or more") }
    guard 1...(1 << 24) ~= maxConnections else {
      throw ValidationError("--max-connections \(maxConnections): use 1 to \(1 << 24)")
    }
    guard 256...(1 << 20) ~= maxHead.byteCount else {
      throw ValidationError("--max-head: use 256 to 1M")
    }
    guard maxMessage.byteCount > 0, maxQueued.byteCount > 0, maxFrame?.byteCount != 0 else {
      throw ValidationError("a size of 0 would refuse everything: use 1 or more")
    }
  }

  var serverLimits: ServerLimits {
    var limits = ServerLimits()
    limits.messageByteCount = maxMessage.byteCount
    limits.inflatedMessageByteCount = maxMessage.byteCount
    limits.framePayloadByteCount = (maxFrame ?? maxMessage).byteCount
    limits.fragmentCount = maxFragments
    limits.headByteCount = maxHead.byteCount
    limits.connectionCount = maxConnections
    limits.queuedOutputByteCount = maxQueued.byteCount
    return limits
  }

  var serverTimeouts: ServerTimeouts {
    var timeouts = ServerTimeouts()
    timeouts.openingHandshake = handshakeTimeout.duration
    timeouts.idle = idleTimeout?.duration
    timeouts.closingHandshake = closingTimeout.duration
    return timeouts
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

  func check() throws {
    guard 1...9 ~= deflateLevel else { throw ValidationError("--deflate-level: use 1 to 9") }
    guard 1...9 ~= deflateMemory else { throw ValidationError("--deflate-memory: use 1 to 9") }
    guard 8...15 ~= serverMaxWindowBits else {
      throw ValidationError("--server-max-window-bits: use 8 to 15")
    }
    guard 8...15 ~= clientMaxWindowBits else {
      throw ValidationError("--client-max-window-bits: use 8 to 15")
    }
  }

  var policy: CompressionPolicy? {
    guard deflate else { return nil }
    var policy = CompressionPolicy()
    policy.level = deflateLevel
    policy.memoryLevel = deflateMemory
    policy.threshold = deflateThreshold.byteCount
    policy.serverMaxWindowBits = serverMaxWindowBits
    policy.clientMaxWindowBits = clientMaxWindowBits
    policy.serverNoContextTakeover = serverNoContextTakeover
    policy.clientNoContextTakeover = clientNoContextTakeover
    return policy
  }
}
