import Transport
import WebSocketServer

/// Makes listeners of what flags or a file say of them.
struct ListenerReader {
  /// A listener and the scheme of its URLs.
  struct Listener {
    var configuration: ListenerConfiguration
    var scheme: String
  }

  private let tls: TLSReader
  private var contexts: [(said: SpecValue, context: TLSContext)] = []
  /// Whether a client of some listener can show a certificate.
  private(set) var asksForCertificates = false

  /// A reader; the secrets of all TLS connections go to `keyLog` too, a line at a time.
  init(keyLog: (@Sendable (String) -> Void)?) { tls = TLSReader(keyLog: keyLog) }

  /// Reads the list; every file of TLS is read and checked now.
  mutating func read(_ root: ConfigurationSection) throws(SpecError) -> [Listener] {
    var listeners: [Listener] = []
    var reader = self
    try root.sections("listeners") { section throws(SpecError) in
      let addresses = try Self.addresses(section)
      let context = try reader.context(section)
      var listener = try Self.options(section)
      listener.tls = context
      for address in addresses {
        listener.address = address
        listeners.append(
          Listener(configuration: listener, scheme: context == nil ? "ws" : "wss"))
      }
    }
    self = reader
    return listeners
  }

  /// Listeners that say the same of their TLS share it, with its sessions.
  private mutating func context(_ listener: ConfigurationSection) throws(SpecError) -> TLSContext? {
    var context: TLSContext?
    var asks = false
    let said = listener.said("tls")
    let known = contexts.first { $0.said == said }?.context
    try listener.section("tls") { section throws(SpecError) in
      let options = try tls.options(section)
      asks = options.clientCertificates != .none
      context = known
      if context == nil { context = try TLSReader.context(options, section) }
    }
    asksForCertificates = asksForCertificates || asks
    if known == nil, let said, let context { contexts.append((said, context)) }
    return context
  }

  private static func addresses(
    _ section: ConfigurationSection
  ) throws(SpecError) -> [SocketAddress] {
    var addresses: [SocketAddress] = []
    if let text = try section.string("address") {
      guard let address = try? SocketAddress(parsing: text) else {
        throw section.mistake(
          "address", "that is no address: write 127.0.0.1:9001, [::1]:9001 or unix:/path")
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
    return addresses
  }

  private static func options(
    _ section: ConfigurationSection
  ) throws(SpecError) -> ListenerConfiguration {
    var listener = ListenerConfiguration(address: .loopback(port: 0))
    listener.backlog = try section.count("backlog", 1...65535) ?? listener.backlog
    listener.isIPv6Only = try section.bool("ipv6Only") ?? false
    listener.sharesPort = try section.bool("sharesPort") ?? false
    listener.sendsAtOnce = try section.bool("noDelay") ?? true
    listener.receiveBufferByteCount = try section.byteCount("receiveBuffer", 1...(1 << 30))
    listener.sendBufferByteCount = try section.byteCount("sendBuffer", 1...(1 << 30))
    var keepAlive: Transport.Listener.KeepAlive?
    try section.section("keepAlive") { section throws(SpecError) in
      var times = Transport.Listener.KeepAlive()
      times.idle = try section.duration("idle") ?? times.idle
      times.interval = try section.duration("interval") ?? times.interval
      times.probeCount = try section.count("probes", 1...127) ?? times.probeCount
      keepAlive = times
    }
    listener.keepAlive = keepAlive
    return listener
  }
}
