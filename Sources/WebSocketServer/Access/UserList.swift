import Transport

/// Users with the hashes of their passwords.
///
/// As a file it has one user in a line, `NAME:HASH` or `NAME:HASH:SCOPE,SCOPE`; empty lines and those
/// that begin with `#` are ignored. `gauntlet hash-password` makes the hashes.
public struct UserList: Sendable {
  struct Entry: Sendable {
    var hash: PasswordHash
    var scopes: Set<String>
  }

  private var entries: [String: Entry] = [:]
  /// Is verified for names that nobody has, so that they take as long as the others.
  private var decoy: PasswordHash?

  /// A list without users.
  public init() {}

  /// Reads the lines of a list.
  /// - Parameters:
  ///   - text: The lines.
  ///   - name: What the text is called in errors.
  /// - Throws: ``ServerError`` naming the line that is wrong.
  public init(parsing text: String, name: String) throws(ServerError) {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty && !line.hasPrefix("#") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count >= 2, !parts[0].isEmpty, let hash = PasswordHash(parts[1]) else {
        throw .invalidConfiguration(
          "\(name):\(number + 1): write NAME:HASH or NAME:HASH:SCOPE,SCOPE; "
            + "gauntlet hash-password makes the hash")
      }
      let scopes = parts.count > 2 ? parts[2].split(separator: ",").map(String.init) : []
      add(String(parts[0]), hash, scopes: Set(scopes))
    }
  }

  /// Reads a file.
  ///
  /// - Throws: ``ServerError`` naming the file and the line.
  public init(file: String) throws(ServerError) {
    self = try TextFile.parse(file) { text throws(ServerError) in
      try UserList(parsing: text, name: file)
    }
  }

  /// Adds a user, or replaces one.
  public mutating func add(_ name: String, _ hash: PasswordHash, scopes: Set<String> = []) {
    entries[name] = Entry(hash: hash, scopes: scopes)
    if decoy == nil { decoy = hash }
  }

  /// How many users there are.
  public var count: Int { entries.count }

  /// The user with that name and password, or nil; slow on purpose, so not for a loop.
  public func verify(_ name: String, _ password: String) -> Principal? {
    guard let entry = entries[name] else {
      _ = decoy?.matches(password)
      return nil
    }
    guard entry.hash.matches(password) else { return nil }
    return Principal(name, scheme: .basic, scopes: entry.scopes)
  }
}
