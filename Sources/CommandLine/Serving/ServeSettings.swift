import FoundationEssentials
import Transport
import WebSocketServer

/// What `gauntlet serve` is to do, from a configuration file or from flags: one set of rules for both.
///
/// A file is JSON (RFC 8259), each key as `Documentation/serve.md` says.
struct ServeSettings {
  var configuration = ServerConfiguration()
  var schemes: [String] = []
  var echo = Echo.synchronous

  /// What becomes of a message.
  enum Echo: Equatable {
    case synchronous, asynchronous, broadcast
    /// As synchronous, after so much work on each message.
    case working(Duration)
    /// Each reply comes as the law says.
    case lawful(EchoLaw)
  }

  /// Reads a file.
  ///
  /// - Throws: `SpecError`, which names file, place and key, and what is allowed.
  init(path: String) throws(SpecError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SpecError(path: path, message: "the file is missing or cannot be read")
    }
    try self.init(Array(data), path: path)
  }

  /// Reads the octets of a file; `path` stands in messages.
  init(_ octets: [UInt8], path: String) throws(SpecError) {
    let value = try SpecParser.parse(octets, path: path)
    try self.init(try SpecObject(value, path: path, name: "the configuration"))
  }

  /// Reads flags.
  ///
  /// - Throws: `SpecError`, which names the flag, and what is allowed.
  init(flags members: [SpecValue.Member]) throws(SpecError) {
    try self.init(try SpecObject(flags: members))
  }

  /// Reads flags; a mistake is told in one line, and ends the program with the exit code for it.
  static func fromFlags<Value>(_ read: () throws(SpecError) -> Value) throws -> Value {
    do {
      return try read()
    } catch {
      throw error.isUnusable ? couldNotRun("\(error)") : wrongUse("\(error)")
    }
  }

  private init(_ object: SpecObject) throws(SpecError) {
    configuration.keepsRequests = false
    let root = ConfigurationSection(object, name: "")
    var reader = ListenerReader(keyLog: nil)
    let listeners = try reader.read(root)
    configuration.listeners = listeners.map(\.configuration)
    schemes = listeners.map(\.scheme)
    try check(root, "listeners")
    try readGeneral(root)
    try readLimits(root)
    try readTimeouts(root)
    try readCompression(root)
    try readLife(root)
    configuration.access = try AccessReader(
      asksForCertificates: reader.asksForCertificates
    ).read(root)
    var web = HTTPReader(users: configuration.access?.users)
    configuration.http = try web.read(root)
    // Who is about to log in cannot be asked who he is.
    if let path = web.loginPath { configuration.access?.exemptPaths.append(path) }
    try root.finish()
    do {
      try configuration.validate()
    } catch {
      throw root.mistake("listeners", "\(error)")
    }
  }

  /// Has the server check what was read last, so that its mistakes are shown there.
  private func check(_ root: ConfigurationSection, _ key: String) throws(SpecError) {
    var probe = configuration
    if probe.listeners.isEmpty {
      probe.listeners = [ListenerConfiguration(address: .loopback(port: 0))]
    }
    do {
      try probe.validate()
    } catch {
      throw root.mistake(key, "\(error)")
    }
  }

  private mutating func readGeneral(_ root: ConfigurationSection) throws(SpecError) {
    configuration.loopCount = try root.count("loops", 1...1024)
    configuration.busyPolling = try root.duration("busyPoll") ?? .zero
    configuration.isRealTime = try root.bool("realTime") ?? false
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
    if let work = try root.duration("work") {
      guard echo == .synchronous, work <= .seconds(1) else {
        throw root.mistake("work", "at most 1 s, and only with the handler 'synchronous'")
      }
      echo = .working(work)
    }
    let law = try EchoLaw(root)
    if !law.isPlain {
      guard case .synchronous = echo, configuration.delivery == .messages else {
        throw root.mistake(
          "replies", "they are of the synchronous echo of whole messages: leave the others out")
      }
      echo = .lawful(law)
    }
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
      limits.headByteCount = try section.byteCount("head", 256...(1 << 20)) ?? limits.headByteCount
      limits.fieldCount = try section.count("fields", 8...10_000) ?? limits.fieldCount
    }
    configuration.limits = limits
    try check(root, "limits")
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
      wanted.threshold = try section.byteCount("threshold", 0...(1 << 50)) ?? 0
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
    try check(root, "heartbeat")
    var watchdog: Watchdog? = Watchdog()
    try root.optionalSection("watchdog", off: { watchdog = nil }) { section throws(SpecError) in
      var dog = Watchdog()
      dog.interval = try section.duration("interval") ?? dog.interval
      dog.attemptCount = try section.count("attempts", 1...1_000_000)
      watchdog = dog
    }
    configuration.watchdog = watchdog
    try check(root, "watchdog")
    configuration.certificateWarningDays =
      root.saysNo("certificateWarningDays")
      ? nil : try root.count("certificateWarningDays", 1...3650) ?? 30
  }
}
