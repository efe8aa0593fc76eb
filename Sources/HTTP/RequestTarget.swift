/// The path and query of a request target (RFC 9112 §3.2), taken apart without being normalised.
public struct RequestTarget: Hashable, Sendable {
  /// The authority of an absolute-form target, or nil.
  public let authority: String?
  /// The path as it was sent, with its percent-encoding; `*` for the server as a whole.
  public let path: String
  /// What follows the first `?`, as it was sent, or nil.
  public let query: String?

  /// Takes a target in origin-form, absolute-form or asterisk-form apart, or returns nil.
  public init?(_ target: String) {
    var rest = target[...]
    var authority: String?
    if target == "*" {
      self.authority = nil
      path = target
      query = nil
      return
    }
    if !target.hasPrefix("/") {
      guard
        let scheme = ["http://", "https://"].first(where: {
          Syntax.isEqualIgnoringCase(target.prefix($0.count), $0)
        })
      else { return nil }
      let hierarchy = target.dropFirst(scheme.count)
      let end = hierarchy.firstIndex { $0 == "/" || $0 == "?" } ?? hierarchy.endIndex
      guard end > hierarchy.startIndex else { return nil }
      authority = String(hierarchy[..<end])
      rest = hierarchy[end...]
    }
    let mark = rest.firstIndex(of: "?") ?? rest.endIndex
    self.authority = authority
    path = mark == rest.startIndex ? "/" : String(rest[..<mark])
    query = mark == rest.endIndex ? nil : String(rest[rest.index(after: mark)...])
  }

  /// The path's segments, decoded, or nil for a path that names no file safely.
  ///
  /// Safe means: valid percent-encoding of UTF-8, no `.` or `..`, and neither a separator nor NUL
  /// hidden in a segment. A final empty segment stands for a path that ends with `/`.
  public var segments: [String]? {
    guard path.hasPrefix("/") else { return nil }
    var segments: [String] = []
    for raw in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let segment = PercentEncoding.decode(raw), segment != ".", segment != "..",
        !segment.utf8.contains(where: { $0 == 0 || $0 == 0x2f || $0 == 0x5c })
      else { return nil }
      segments.append(segment)
    }
    guard !segments.dropLast().contains("") else { return nil }
    return segments
  }

  /// Whether the target is `*`, or a path that everybody divides into the same segments.
  public var isUnambiguous: Bool { path == "*" || segments != nil }

  /// The first value of a name in the query, decoded as HTML forms encode it, or nil.
  public func queryValue(_ name: String) -> String? {
    queryItems.first { $0.name == name }?.value
  }

  /// The names and values in the query, decoded; what is malformed is left out.
  public var queryItems: [(name: String, value: String)] {
    PercentEncoding.formItems(query ?? "")
  }
}

/// Percent-encoding (RFC 3986 §2.1), and its use by HTML forms.
public enum PercentEncoding {
  /// Decodes text to UTF-8, or returns nil when it is malformed.
  /// - Parameters:
  ///   - text: The encoded text.
  ///   - isForm: Whether `+` is a space.
  /// - Returns: The decoded text, or nil.
  public static func decode(_ text: some StringProtocol, isForm: Bool = false) -> String? {
    var octets: [UInt8] = []
    var iterator = text.utf8.makeIterator()
    while let octet = iterator.next() {
      if octet == UInt8(ascii: "%") {
        guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit)
        else { return nil }
        octets.append(high << 4 | low)
      } else {
        octets.append(isForm && octet == UInt8(ascii: "+") ? 0x20 : octet)
      }
    }
    return String(validating: octets, as: UTF8.self)
  }

  /// Encodes all but the unreserved characters of RFC 3986 §2.3.
  public static func encode(_ text: String) -> String {
    var output: [UInt8] = []
    for octet in text.utf8 {
      switch octet {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        output.append(octet)
      default:
        let digits = Array("0123456789ABCDEF".utf8)
        output += [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// The pairs of `application/x-www-form-urlencoded` text; what is malformed is left out.
  public static func formItems(
    _ text: some StringProtocol
  ) -> [(name: String, value: String)] {
    text.split(separator: "&").compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decode(parts[0], isForm: true),
        let value = decode(parts.count > 1 ? parts[1] : "", isForm: true)
      else { return nil }
      return (name, value)
    }
  }

  private static func digit(_ octet: UInt8) -> UInt8? {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
