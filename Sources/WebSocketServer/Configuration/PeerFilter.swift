public import Transport

/// Which peers may connect at all, by their addresses; decided before anything is read.
///
/// A peer is let in if nothing in `denied` fits it and `allowed` is empty or has something that fits. Names
/// are looked up when the server starts. Peers of Unix-domain sockets have no address and are let in.
public struct PeerFilter: Sendable, Hashable {
  /// Whom to let in; empty lets everyone in.
  public var allowed: [PeerPattern]
  /// Whom to keep out, before `allowed` is asked.
  public var denied: [PeerPattern]

  /// A filter, which lets everyone in unless told otherwise.
  public init(allowed: [PeerPattern] = [], denied: [PeerPattern] = []) {
    self.allowed = allowed
    self.denied = denied
  }
}

/// Some peers: an address, a network, or the addresses of a name.
public enum PeerPattern: Sendable, Hashable {
  /// A network; one address is a network with nothing but that.
  case network(IPNetwork)
  /// The addresses that a host name has.
  case name(String)

  /// Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32` or a host name.
  ///
  /// - Throws: ``ServerError`` for what is none of that.
  public init(parsing text: String) throws(ServerError) {
    if let network = IPNetwork(text) {
      self = .network(network)
    } else if !text.isEmpty, text.utf8.allSatisfy(Self.isInName),
      text.utf8.contains(where: \.isLetter)
    {
      self = .name(text)
    } else {
      throw .invalidConfiguration(
        "\(text.isEmpty ? "nothing" : text) is no peer: write an address, a network such as 192.0.2.0/24, or a host name"
      )
    }
  }

  private static func isInName(_ octet: UInt8) -> Bool {
    octet.isLetter || UInt8(ascii: "0")...UInt8(ascii: "9") ~= octet || octet == UInt8(ascii: "-")
      || octet == UInt8(ascii: ".") || octet == UInt8(ascii: "_")
  }
}

/// The addresses that begin with the same bits (CIDR).
public struct IPNetwork: Sendable, Hashable {
  /// The address in the form of IPv6; IPv4 is mapped into it (RFC 4291 §2.5.5.2).
  private let prefix: UInt128
  private let mask: UInt128

  /// Reads an address, or an address, a slash and the number of bits that count.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first,
      let address = SocketAddress(host: String(first), port: 0),
      let bits = Self.bits(of: address)
    else { return nil }
    let isIPv4 = if case .ipv4 = address { true } else { false }
    let width = isIPv4 ? 32 : 128
    var length = width
    if parts.count == 2 {
      guard let number = Int(parts[1]), 0...width ~= number else { return nil }
      length = number
    }
    let ignored = width - length
    mask = ignored == 128 ? 0 : ~0 << UInt128(ignored)
    prefix = bits & mask
  }

  /// Whether an address is in the network; those of Unix-domain sockets are in none.
  public func contains(_ address: SocketAddress) -> Bool {
    guard let bits = Self.bits(of: address) else { return false }
    return bits & mask == prefix
  }

  private static func bits(of address: SocketAddress) -> UInt128? {
    switch address {
    case .ipv4(let bits, _): UInt128(0xffff) << 32 | UInt128(bits)
    case .ipv6(let bits, _, _): bits
    case .unix: nil
    }
  }
}

/// A filter whose names are looked up.
struct ResolvedPeerFilter: Sendable {
  private let allowed: [IPNetwork]
  private let denied: [IPNetwork]
  private let isOpen: Bool

  init(_ filter: PeerFilter) throws(ServerError) {
    allowed = try Self.networks(of: filter.allowed)
    denied = try Self.networks(of: filter.denied)
    isOpen = filter.allowed.isEmpty
  }

  func admits(_ peer: SocketAddress) -> Bool {
    if case .unix = peer { return true }
    if denied.contains(where: { $0.contains(peer) }) { return false }
    return isOpen || allowed.contains { $0.contains(peer) }
  }

  private static func networks(of patterns: [PeerPattern]) throws(ServerError) -> [IPNetwork] {
    var networks: [IPNetwork] = []
    for pattern in patterns {
      switch pattern {
      case .network(let network): networks.append(network)
      case .name(let name):
        do {
          let addresses = try SocketAddress.listening(host: name, service: "0")
          networks += addresses.compactMap { IPNetwork($0.host) }
        } catch {
          throw .transport(error)
        }
      }
    }
    return networks
  }
}

extension UInt8 {
  fileprivate var isLetter: Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20
  }
}
