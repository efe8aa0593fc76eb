import HTTP
import Transport

/// A salted, deliberately slow hash of a password, and the text it is kept as.
///
/// The text begins with the method and its parameters, so that hashes of several strengths live side by
/// side: `$pbkdf2-sha256$i=600000$SALT$HASH` or `$scrypt$ln=15,r=8,p=1$SALT$HASH`, in base64.
public struct PasswordHash: Hashable, Sendable, CustomStringConvertible {
  /// How a password is hashed.
  public enum Method: Hashable, Sendable {
    /// PBKDF2 with HMAC-SHA-256 (RFC 8018).
    case pbkdf2(iterationCount: Int)
    /// scrypt (RFC 7914) with a cost of 2 to the `logCost`.
    case scrypt(logCost: Int, blockSize: Int, parallelism: Int)

    /// What OWASP recommends for scrypt: 32 MiB and about a tenth of a second.
    public static var standard: Method { .scrypt(logCost: 15, blockSize: 8, parallelism: 3) }
  }

  private static let byteCount = 32
  private let method: Method
  private let salt: [UInt8]
  private let hash: [UInt8]

  /// Hashes a password with a new salt; takes as long as the method says.
  public init(hashing password: String, method: Method = .standard) {
    let salt = Cryptography.randomOctets(16)
    self.method = method
    self.salt = salt
    hash = Self.derive(password, method, salt) ?? []
    precondition(!hash.isEmpty, "the parameters of the password hash are not allowed")
  }

  /// Reads the text of a hash, or returns nil when it is malformed or its cost is out of bounds.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, let salt = Base64.decode(parts[3]),
      let hash = Base64.decode(parts[4]), salt.count >= 8, hash.count == Self.byteCount
    else { return nil }
    var parameters: [Substring: Int] = [:]
    for pair in parts[2].split(separator: ",") {
      let sides = pair.split(separator: "=")
      guard sides.count == 2, let value = Int(sides[1]) else { return nil }
      parameters[Substring(sides[0])] = value
    }
    switch parts[1] {
    case "pbkdf2-sha256":
      guard let count = parameters["i"], 1000...10_000_000 ~= count else { return nil }
      method = .pbkdf2(iterationCount: count)
    case "scrypt":
      guard let cost = parameters["ln"], let size = parameters["r"], let lanes = parameters["p"],
        10...20 ~= cost, 1...32 ~= size, 1...16 ~= lanes
      else { return nil }
      method = .scrypt(logCost: cost, blockSize: size, parallelism: lanes)
    default: return nil
    }
    self.salt = salt
    self.hash = hash
  }

  /// The text to keep.
  public var description: String {
    let parameters =
      switch method {
      case .pbkdf2(let count): "pbkdf2-sha256$i=\(count)"
      case .scrypt(let cost, let size, let lanes): "scrypt$ln=\(cost),r=\(size),p=\(lanes)"
      }
    return "$\(parameters)$\(Base64.encode(salt))$\(Base64.encode(hash))"
  }

  /// Whether this is the password; takes as long as the method says, and compares in constant time.
  public func matches(_ password: String) -> Bool {
    guard let derived = Self.derive(password, method, salt) else { return false }
    return Cryptography.isEqual(derived, hash)
  }

  private static func derive(_ password: String, _ method: Method, _ salt: [UInt8]) -> [UInt8]? {
    switch method {
    case .pbkdf2(let count):
      return Cryptography.pbkdf2(
        password, salt: salt, iterationCount: count, byteCount: byteCount)
    case .scrypt(let cost, let size, let lanes):
      return Cryptography.scrypt(
        password, salt: salt, cost: 1 << cost, blockSize: size, parallelism: lanes,
        byteCount: byteCount, maximumMemory: 2 << 30)
    }
  }
}
