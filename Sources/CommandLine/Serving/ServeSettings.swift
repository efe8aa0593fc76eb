import FoundationEssentials
import Transport
import WebSocketServer

/// A server's configuration file: JSON (RFC 8259), each key as `Documentation/serve.md` says.
struct ServeFile {
  var configuration = ServerConfiguration()
  var schemes: [String] = []
  var echo = Echo.synchronous

  /// What becomes of a message.
  enum Echo {
    case synchronous, asynchronous, broadcast
  }

  /// Reads a file.
  ///
  /// - Throws: `SpecError`, which names file, line and key, and what is allowed.
  init(path: String) throws(SpecError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SpecError(path: path, line: 0, message: "the file is missing or cannot be read")
    }
    try self.init(Array(data), path: path)
  }

  /// Reads the octets of a file; `path` stands in messages.
  init(_ octets: [UInt8], path: String) throws(SpecError) {
    configuration.keepsRequests = false
    let value = try SpecParser.parse(octets, path: path)
    let root = ConfigurationSection(
      try SpecObject(value, path: path, name: "the configuration"), name: "")
    try readListeners(root)
    try readGeneral(root)
    try readLimits(root)
    try readTimeouts(root)
    try readCompression(root)
    try readLife(root)
    try root.finish()
    do {
      try configuration.validate()
    } catch {
      throw SpecError(path: path, line: 1, message: "\(error)")
    }
  }

  private mutating func readListeners(_ root: ConfigurationSection) throws(SpecError) {
    var listeners: [ListenerConfiguration] = []
    var schemes: [String] = []
    try root.sections("listeners") { section throws(SpecError) in
      let tls = try Self.tls(section)
      var addresses: [SocketAddress] = []
      if let text = try section.string("address") {
        guard let address = try? SocketAddress(parsing: text) else {
          throw section.mistake(
            "address", "write 127.0.0.1:9001, [::1]:9001 or unix:/path")
        }
        addresses = [address]
      }
      let host = try section.string("host")
      if let service = try section.string("service") {
        do {
          addresses += try SocketAddress.listening(host: host, service: service)
        } catch {
          throw section.mistake("service", "\(error)")
        }
      } else if host != nil {
        throw section.mistake("host", "write the service, too: its name or its port")
      }
      guard !addresses.isEmpty else {
        throw section.mistake("address", "write an address, or a host and a service")
      }
      let template = try Self.options(section, tls: tls)
      for address in addresses {
        var listener = template
        listener.address = address
        listeners.append(listener)
        schemes.append(tls == nil ? "ws" : "wss")
      }
    }
    configuration.listeners = listeners
    self.schemes = schemes
  }

  private static func options(
    _ section: ConfigurationSection, tls: TLSContext?
  ) throws(SpecError) -> ListenerConfiguration {
    var listener = ListenerConfiguration(address: .loopback(port: 0), tls: tls)
    listener.backlog = try section.count("backlog", 1...65535) ?? listener.backlog
    listener.isIPv6Only = try section.bool("ipv6Only") ?? false
    listener.sharesPort = try section.bool("sharesPort") ?? false
    listener.sendsAtOnce = try section.bool("noDelay") ?? true
    listener.receiveBufferByteCount = try section.byteCount("receiveBuffer")
    listener.sendBufferByteCount = try section.byteCount("sendBuffer")
    var keepAlive: Listener.KeepAlive?
    try section.section("keepAlive") { section throws(SpecError) in
      var times = Listener.KeepAlive()
      times.idle = try section.duration("idle") ?? times.idle
      times.interval = try section.duration("interval") ?? times.interval
      times.probeCount = try section.count("probes", 1...127) ?? times.probeCount
      keepAlive = times
    }
    listener.keepAlive = keepAlive
    return listener
  }

  private static func tls(_ listener: ConfigurationSection) throws(SpecError) -> TLSContext? {
    var context: TLSContext?
    try listener.section("tls") { section throws(SpecError) in
      let certificate = try section.string("certificate")
      let key = try section.string("key")
      guard let certificate, let key else {
        throw section.mistake("certificate", "write the files of certificate and key, as PEM")
      }
      var options = TLSServerOptions(certificateChainFile: certificate, privateKeyFile: key)
      options.applicationProtocols = ["http/1.1"]
      do {
        context = try TLSContext(server: options)
      } catch {
        throw section.mistake("certificate", "\(error)")
      }
    }
    return context
  }

  private mutating func readGeneral(_ root: ConfigurationSection) throws(SpecError) {
    configuration.loopCount = try root.count("loops", 1...1024)
    configuration.subprotocols = try root.strings("subprotocols") ?? []
    configuration.delivery =
      try root.choice(
        "delivery",
        [
          "messages": MessageDelivery.messages, "fragments": .fragments, "asSent": .asSent,
        ]) ?? .messages
    configuration.validatesUTF8 = try root.bool("validatesUTF8") ?? true
    configuration.serverName = try root.string("serverName") ?? configuration.serverName
    configuration.busyMessage = try root.string("busyMessage") ?? configuration.busyMessage
    configuration.fragmentByteCount = try root.byteCount("fragmentSize")
    configuration.keepsRequests = try root.bool("keepsRequests") ?? configuration.keepsRequests
    configuration.countsTraffic = try root.bool("countsTraffic") ?? false
    echo =
      try root.choice(
        "handler",
        [
          "synchronous": Echo.synchronous, "asynchronous": .asynchronous, "broadcast": .broadcast,
        ]) ?? .synchronous
    var filter = PeerFilter()
    try root.section("peers") { section throws(SpecError) in
      filter.allowed = try Self.patterns("allow", section)
      filter.denied = try Self.patterns("deny", section)
    }
    configuration.peers = filter
  }

  private static func patterns(
    _ key: String, _ section: ConfigurationSection
  ) throws(SpecError) -> [PeerPattern] {
    var patterns: [PeerPattern] = []
    for text in try section.strings(key) ?? [] {
      do {
        patterns.append(try PeerPattern(parsing: text))
      } catch {
        throw section.mistake(key, "\(error)")
      }
    }
    return patterns
  }

  private mutating func readLimits(_ root: ConfigurationSection) throws(SpecError) {
    var limits = configuration.limits
    try root.section("limits") { section throws(SpecError) in
      limits.connectionCount =
        try section.count("connections", 1...(1 << 24)) ?? limits.connectionCount
      limits.messageByteCount = try section.byteCount("message") ?? limits.messageByteCount
      limits.inflatedMessageByteCount =
        try section.byteCount("inflatedMessage") ?? limits.messageByteCount
      limits.framePayloadByteCount = try section.byteCount("frame") ?? limits.messageByteCount
      limits.fragmentCount = try section.count("fragments", 1...(1 << 40)) ?? limits.fragmentCount
      limits.queuedOutputByteCount =
        try section.byteCount("queuedOutput") ?? limits.queuedOutputByteCount
      limits.headByteCount = try section.byteCount("head") ?? limits.headByteCount
      limits.fieldCount = try section.count("fields", 8...10_000) ?? limits.fieldCount
    }
    configuration.limits = limits
    configuration.slowConsumers =
      try root.choice(
        "slowConsumers",
        [
          "wait": SlowConsumerPolicy.wait, "dropOldest": .dropOldest, "dropNewest": .dropNewest,
          "close": .close,
        ]) ?? .wait
  }

  private mutating func readTimeouts(_ root: ConfigurationSection) throws(SpecError) {
    var timeouts = configuration.timeouts
    try root.section("timeouts") { section throws(SpecError) in
      timeouts.tlsHandshake = try section.duration("tlsHandshake") ?? timeouts.tlsHandshake
      timeouts.openingHandshake =
        try section.duration("openingHandshake") ?? timeouts.openingHandshake
      timeouts.idle = try section.duration("idle")
      timeouts.closingHandshake =
        try section.duration("closingHandshake") ?? timeouts.closingHandshake
      timeouts.linger = try section.duration("linger") ?? timeouts.linger
      timeouts.shutdown = try section.duration("shutdown") ?? timeouts.shutdown
    }
    configuration.timeouts = timeouts
  }

  private mutating func readCompression(_ root: ConfigurationSection) throws(SpecError) {
    var policy: CompressionPolicy? = CompressionPolicy()
    try root.optionalSection("compression", off: { policy = nil }) { section throws(SpecError) in
      var wanted = CompressionPolicy()
      wanted.level = try section.count("level", 1...9) ?? wanted.level
      wanted.memoryLevel = try section.count("memory", 1...9) ?? wanted.memoryLevel
      wanted.threshold = try section.byteCount("threshold") ?? 0
      wanted.serverMaxWindowBits = try section.count("serverMaxWindowBits", 9...15) ?? 15
      wanted.clientMaxWindowBits = try section.count("clientMaxWindowBits", 8...15) ?? 15
      wanted.serverNoContextTakeover = try section.bool("serverNoContextTakeover") ?? false
      wanted.clientNoContextTakeover = try section.bool("clientNoContextTakeover") ?? false
      wanted.releasesContext = try section.bool("releasesContext") ?? false
      policy = wanted
    }
    configuration.compression = policy
  }

  private mutating func readLife(_ root: ConfigurationSection) throws(SpecError) {
    var heartbeat: Heartbeat?
    try root.section("heartbeat") { section throws(SpecError) in
      var beat = Heartbeat()
      beat.interval = try section.duration("interval") ?? beat.interval
      beat.timeout = try section.duration("timeout") ?? beat.timeout
      heartbeat = beat
    }
    configuration.heartbeat = heartbeat
    var watchdog: Watchdog? = Watchdog()
    try root.optionalSection("watchdog", off: { watchdog = nil }) { section throws(SpecError) in
      var dog = Watchdog()
      dog.interval = try section.duration("interval") ?? dog.interval
      dog.attemptCount = try section.count("attempts", 1...1_000_000)
      watchdog = dog
    }
    configuration.watchdog = watchdog
  }
}
