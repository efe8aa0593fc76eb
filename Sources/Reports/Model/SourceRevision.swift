import FoundationEssentials

/// The state of the sources that a run was about, so that a history can name what changed a number.
public struct SourceRevision: Codable, Equatable, Sendable {
  /// The commit, as the version control system or its user names it.
  public var commit: String
  /// The branch or tag, where it is known.
  public var branch: String?

  /// Creates a revision.
  public init(commit: String, branch: String? = nil) {
    self.commit = commit
    self.branch = branch
  }

  /// As much of the commit as people read.
  public var shortCommit: String {
    let isHash = commit.utf8.count >= 40 && commit.utf8.allSatisfy { $0.isHexadecimalDigit }
    return isHash ? String(commit.prefix(8)) : String(commit.prefix(20))
  }

  /// What CI systems call the commit and the branch; ours comes first, so that it can overrule them.
  static let variables: [(commit: String, branches: [String])] = [
    ("GAUNTLET_COMMIT", ["GAUNTLET_BRANCH"]),
    ("GITHUB_SHA", ["GITHUB_HEAD_REF", "GITHUB_REF_NAME"]),
    ("CI_COMMIT_SHA", ["CI_COMMIT_REF_NAME"]),
    ("BUILDKITE_COMMIT", ["BUILDKITE_BRANCH"]),
    ("CIRCLE_SHA1", ["CIRCLE_BRANCH"]),
    ("GIT_COMMIT", ["GIT_BRANCH"]),
  ]

  /// The commit that CI names, or else the one that is checked out in the working folder or one
  /// above it.
  public static func current() -> SourceRevision? {
    current(
      variables: ProcessInfo.processInfo.environment,
      folder: FileManager.default.currentDirectoryPath)
  }

  static func current(variables: [String: String], folder: String) -> SourceRevision? {
    for (commit, branches) in Self.variables {
      guard let value = variables[commit]?.revisionName else { continue }
      let branch = branches.lazy.compactMap { variables[$0]?.revisionName }.first
      return SourceRevision(commit: value, branch: branch)
    }
    return GitCheckout(above: folder)?.revision
  }
}

/// What git keeps of a checkout, read without git: it may not be there, and a run shall not wait for it.
private struct GitCheckout {
  /// Where `HEAD` is.
  let folder: String
  /// Where the references are: the same, but for a further work tree.
  let commonFolder: String

  init?(above start: String) {
    var folder = start.removingSuffix("/")
    for _ in 0..<64 {
      let path = folder + "/.git"
      if let found = Self.repository(at: path, besides: folder) {
        self.folder = found
        let common = Self.line(found + "/commondir")
        commonFolder = common.map { Self.path($0, from: found) } ?? found
        return
      }
      guard let slash = folder.lastIndex(of: "/") else { return nil }
      folder = String(folder[..<slash])
    }
    return nil
  }

  /// A repository, or where the file that stands in its place says that it is.
  private static func repository(at path: String, besides folder: String) -> String? {
    guard Files.exists(path) else { return nil }
    if Files.isFolder(path) { return path }
    guard let line = line(path), line.hasPrefix("gitdir: ") else { return nil }
    return Self.path(String(line.dropFirst("gitdir: ".count)), from: folder)
  }

  var revision: SourceRevision? {
    guard let head = Self.line(folder + "/HEAD") else { return nil }
    guard head.hasPrefix("ref: ") else {
      return head.revisionName.map { SourceRevision(commit: $0) }
    }
    let reference = String(head.dropFirst("ref: ".count))
    let commit =
      Self.line(folder + "/" + reference) ?? Self.line(commonFolder + "/" + reference)
      ?? packed(reference)
    guard let commit = commit?.revisionName else { return nil }
    let isBranch = reference.hasPrefix("refs/heads/")
    let branch = isBranch ? String(reference.dropFirst("refs/heads/".count)) : reference
    return SourceRevision(commit: commit, branch: branch.revisionName)
  }

  private func packed(_ reference: String) -> String? {
    guard let octets = try? Files.read(commonFolder + "/packed-refs") else { return nil }
    return String(decoding: octets, as: UTF8.self).split(separator: "\n")
      .first { $0.hasSuffix(" \(reference)") }?
      .split(separator: " ").first.map(String.init)
  }

  private static func line(_ path: String) -> String? {
    guard let octets = try? Files.read(path) else { return nil }
    return String(decoding: octets, as: UTF8.self).firstLine
  }

  private static func path(_ path: String, from folder: String) -> String {
    path.hasPrefix("/") ? path : folder + "/" + path
  }
}

extension String {
  /// A name that can stand in a run: not empty, and not endless.
  fileprivate var revisionName: String? {
    let name = trimmed
    return name.isEmpty ? nil : String(name.prefix(200))
  }
}

extension UInt8 {
  fileprivate var isHexadecimalDigit: Bool {
    (0x30...0x39).contains(self) || (0x61...0x66).contains(self) || (0x41...0x46).contains(self)
  }
}
