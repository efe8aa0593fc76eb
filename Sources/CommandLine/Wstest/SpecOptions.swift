import Conformance
import WebSocketProtocol

/// The `options` of a spec: how the suite's own side of the protocol is to behave.
struct SpecOptions {
  var player = PlayerSettings()
  var connectionLimit: Int?
  /// Keys with a value that changes nothing here, and why.
  var remarks: [String] = []

  init() {}

  /// Reads options that count for one role, over those that count for all servers.
  init(_ spec: SpecObject?, over common: SpecOptions, role: Role) throws(SpecError) {
    self = common
    guard let spec else { return }
    for member in spec.members {
      let (key, value) = (member.key, member.value)
      // One after the other: an error within `||` would lose its type.
      if try readTimes(key, spec) { continue }
      if try readManners(key, spec) { continue }
      guard try readRole(key, spec, role) else {
        throw spec.mistake("there is no option \"\(key)\" for a \(role)", at: value)
      }
    }
  }

  private mutating func readTimes(
    _ key: String, _ spec: SpecObject
  ) throws(SpecError) -> Bool {
    switch key {
    case "openHandshakeTimeout":
      if let time = try limit(key, spec) { player.openingTimeout = time }
    case "closeHandshakeTimeout":
      if let time = try limit(key, spec) { player.closeReplyTimeout = time }
    case "serverConnectionDropTimeout":
      if let time = try limit(key, spec) { player.serverDropTimeout = time }
    case "autoPingInterval", "autoPingTimeout", "autoPingSize": try readPings(spec)
    default: return false
    }
    return true
  }

  private mutating func readPings(_ spec: SpecObject) throws(SpecError) {
    let common = player.manners.pings
    let interval = try spec.seconds("autoPingInterval") ?? common.interval ?? .zero
    let timeout = try spec.seconds("autoPingTimeout") ?? common.timeout ?? .zero
    let byteCount = try spec.count("autoPingSize") ?? common.byteCount
    guard 4...125 ~= byteCount else {
      throw spec.mistake("\"autoPingSize\" is to be 4 to 125", at: spec.value("autoPingSize"))
    }
    player.manners.pings = PlayerManners.Pings(
      interval: interval > .zero ? interval : nil, timeout: timeout > .zero ? timeout : nil,
      byteCount: byteCount)
  }

  private mutating func readManners(
    _ key: String, _ spec: SpecObject
  ) throws(SpecError) -> Bool {
    switch key {
    case "failByDrop": player.manners.failsByDrop = try spec.bool(key) ?? false
    case "echoCloseCodeReason": player.manners.echoesClose = try spec.bool(key) ?? false
    case "utf8validateIncoming": player.manners.checksUTF8 = try spec.bool(key) ?? true
    case "maxFramePayloadSize": player.manners.frameByteCount = try size(key, spec)
    case "maxMessagePayloadSize": player.manners.messageByteCount = try size(key, spec)
    case "autoFragmentSize": player.manners.fragmentByteCount = try size(key, spec)
    case "applyMask":
      if try spec.bool(key) == false { remark(key, "a masked frame is always masked") }
    case "tcpNoDelay":
      if try spec.bool(key) == false { remark(key, "frames always go out at once") }
    case "allowHixie76":
      if try spec.bool(key) == true { remark(key, "only RFC 6455 is spoken") }
    default: return false
    }
    return true
  }

  private mutating func readRole(
    _ key: String, _ spec: SpecObject, _ role: Role
  ) throws(SpecError) -> Bool {
    switch (role, key) {
    case (.client, "version"):
      guard let version = try spec.number(key), 13...18 ~= version else {
        throw spec.mistake("\"version\" is to be 18, which is RFC 6455", at: spec.value(key))
      }
    case (.client, "acceptMaskedServerFrames"):
      player.manners.toleratesMasking = try spec.bool(key) ?? false
    case (.client, "maskClientFrames"): player.manners.masks = try spec.bool(key)
    case (.server, "requireMaskedClientFrames"):
      player.manners.toleratesMasking = try spec.bool(key) == false
    case (.server, "maskServerFrames"): player.manners.masks = try spec.bool(key)
    case (.server, "maxConnections"): connectionLimit = try limitedCount(key, spec)
    case (.server, "versions"), (.server, "allowedOrigins"):
      guard let value = spec.value(key), case .array = value.content else {
        throw spec.mistake("\"\(key)\" is to be a list", at: spec.value(key))
      }
      remark(key, "every client of RFC 6455 may play")
    case (.server, "webStatus"), (.server, "serveFlashSocketPolicy"):
      if try spec.bool(key) == (key != "webStatus") { remark(key, "HTTP gets the status page") }
    case (.server, "flashSocketPolicy"):
      _ = try spec.string(key)
      remark(key, "there is no Flash any more")
    default: return false
    }
    return true
  }

  private mutating func remark(_ key: String, _ why: String) {
    remarks.append("\"\(key)\" has no effect: \(why)")
  }

  /// A time limit; 0 means none, which is a day here.
  private func limit(_ key: String, _ spec: SpecObject) throws(SpecError) -> Duration? {
    try spec.seconds(key).map { $0 == .zero ? .seconds(86_400) : $0 }
  }

  /// A size; 0 means without limit.
  private func size(_ key: String, _ spec: SpecObject) throws(SpecError) -> Int? {
    try limitedCount(key, spec)
  }

  private func limitedCount(_ key: String, _ spec: SpecObject) throws(SpecError) -> Int? {
    let count = try spec.count(key)
    return count == 0 ? nil : count
  }
}
