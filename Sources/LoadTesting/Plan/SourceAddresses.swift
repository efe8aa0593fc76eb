import Transport

/// The addresses of our own from which connections are made, so that one machine passes the number of ports
/// that one address has.
public enum SourceAddresses {
  /// More than so many are a mistake.
  public static let limit = 65_536

  /// Reads a list such as `127.0.0.2-127.0.0.9`, `10.0.0.5,10.0.0.6` or `127.0.0.0/28`.
  ///
  /// - Throws: what cannot be read, in a line.
  public static func parse(_ text: String) throws(LoadPlanError) -> [String] {
    var hosts: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      hosts += try range(part.filter { $0 != " " })
      guard hosts.count <= limit else {
        throw LoadPlanError(description: "source addresses: more than \(limit) in '\(text)'")
      }
    }
    return hosts
  }

  private static func range(_ text: String) throws(LoadPlanError) -> [String] {
    if let slash = text.firstIndex(of: "/") {
      let first = try number(String(text[..<slash]), in: text)
      guard let bits = Int(text[text.index(after: slash)...]), 16...32 ~= bits else {
        throw problem(text)
      }
      let mask = bits == 32 ? 0 : UInt32.max >> UInt32(bits)
      let network = first & ~mask
      // The first is the network's own and the last is everybody's.
      return mask < 2
        ? (network...(network + mask)).map(host) : ((network + 1)...(network + mask - 1)).map(host)
    }
    if let dash = text.firstIndex(of: "-") {
      let first = try number(String(text[..<dash]), in: text)
      let last = try number(String(text[text.index(after: dash)...]), in: text)
      guard first <= last, Int(last - first) < limit else { throw problem(text) }
      return (first...last).map(host)
    }
    guard SocketAddress(host: text, port: 0) != nil else { throw problem(text) }
    return [text]
  }

  private static func number(_ host: String, in text: String) throws(LoadPlanError) -> UInt32 {
    guard case .ipv4(let number, _)? = SocketAddress(host: host, port: 0) else {
      throw problem(text)
    }
    return number
  }

  private static func host(_ number: UInt32) -> String {
    SocketAddress.ipv4(number, port: 0).host
  }

  private static func problem(_ text: String) -> LoadPlanError {
    LoadPlanError(
      description: "source addresses: '\(text)' is no address, no range such as "
        + "127.0.0.2-127.0.0.9, and no network from /16 on such as 127.0.0.0/28")
  }
}
