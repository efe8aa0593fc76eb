import HTTP
import Transport

/// Keys that programs show to come in, with what each may do and until when.
///
/// Only digests are kept: a key is long and random, so that a fast digest is as good as a slow one. As a
/// file it has one key in a line, `NAME:SHA256:SCOPE,SCOPE:EXPIRY`, the digest in hexadecimal digits and
/// the expiry in seconds since the beginning of 1970; both lists may be empty.
public struct APIKeys: Sendable {
  struct Entry: Sendable {
    var name: String
    var digest: [UInt8]
    var scopes: Set<String>
    var expiry: Int?
  }

  private var entries: [[UInt8]: Entry] = [:]
  /// The field that a key may come in beside `Authorization: Bearer`; `nil` for none.
  public var fieldName: String? = "X-API-Key"
  /// The name in the query that a key may come under; `nil`, as URLs are logged in many places.
  public var queryName: String?

  /// No keys.
  public init() {}

  /// Reads the lines of a list.
  /// - Parameters:
  ///   - text: The lines.
  ///   - name: What the text is called in errors.
  /// - Throws: ``ServerError`` naming the line that is wrong.
  public init(parsing text: String, name: String) throws(ServerError) {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty && !line.hasPrefix("#") {
      let parts = line.split(separator: ":", omittingEmptySubsequences: false)
      let isExpiry = parts.count < 4 || parts[3].isEmpty || Int(parts[3]) != nil
      guard 2...4 ~= parts.count, !parts[0].isEmpty, let digest = Self.octets(parts[1]), isExpiry
      else {
        throw .invalidConfiguration(
          "\(name):\(number + 1): write NAME:SHA256:SCOPE,SCOPE:EXPIRY, the digest as 64 "
            + "hexadecimal digits and the expiry as seconds since 1970")
      }
      let scopes = parts.count > 2 ? parts[2].split(separator: ",").map(String.init) : []
      entries[digest] = Entry(
        name: String(parts[0]), digest: digest, scopes: Set(scopes),
        expiry: parts.count > 3 ? Int(parts[3]) : nil)
    }
  }

  /// Reads a file.
  ///
  /// - Throws: ``ServerError`` naming the file and the line.
  public init(file: String) throws(ServerError) {
    self = try TextFile.parse(file) { text throws(ServerError) in
      try APIKeys(parsing: text, name: file)
    }
  }

  /// Adds a key.
  /// - Parameters:
  ///   - key: The key itself; only its digest is kept.
  ///   - name: Whose it is.
  ///   - scopes: What it may do.
  ///   - expiry: Until when, in seconds since the beginning of 1970; `nil` for ever.
  public mutating func add(
    _ key: String, name: String, scopes: Set<String> = [], expiry: Int? = nil
  ) {
    let digest = Cryptography.sha256(Array(key.utf8))
    entries[digest] = Entry(name: name, digest: digest, scopes: scopes, expiry: expiry)
  }

  /// A new key that nobody can guess.
  public static func makeKey() -> String {
    Base64URL.encode(Cryptography.randomOctets(32))
  }

  /// Whose key it is, or nil when it is nobody's or has expired.
  public func verify(_ key: String, at seconds: Int) -> Principal? {
    let digest = Cryptography.sha256(Array(key.utf8))
    guard let entry = entries[digest], Cryptography.isEqual(entry.digest, digest) else {
      return nil
    }
    if let expiry = entry.expiry, expiry <= seconds { return nil }
    return Principal(entry.name, scheme: .key, scopes: entry.scopes)
  }

  private static func octets(_ text: Substring) -> [UInt8]? {
    guard text.utf8.count == 64 else { return nil }
    var octets: [UInt8] = []
    var rest = text
    while !rest.isEmpty {
      guard let octet = UInt8(rest.prefix(2), radix: 16), !rest.hasPrefix("+") else { return nil }
      octets.append(octet)
      rest = rest.dropFirst(2)
    }
    return octets
  }
}

/// The URL- and cookie-safe alphabet of base64, without padding (RFC 4648 §5).
enum Base64URL {
  static func encode(_ octets: [UInt8]) -> String {
    let safe = Base64.encode(octets).utf8.compactMap { octet -> UInt8? in
      switch octet {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      case UInt8(ascii: "="): nil
      default: octet
      }
    }
    return String(decoding: safe, as: UTF8.self)
  }
}
