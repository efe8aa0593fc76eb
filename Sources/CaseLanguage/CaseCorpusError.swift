/// Why a set of case files cannot be used.
public enum CaseCorpusError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file has a mistake in it.
  case syntax(CaseSyntaxError)
  /// Two files have a case of the same id.
  case duplicateID(String, path: String, otherPath: String)
  /// Two cases have the same alias.
  case duplicateAlias(CaseAlias, id: String, otherID: String, path: String)
  /// A file or folder cannot be read.
  case unreadable(path: String, reason: String)

  /// One line: where it is, and what is wrong.
  public var description: String {
    switch self {
    case .syntax(let error): error.description
    case .duplicateID(let id, let path, let otherPath):
      "\(path):1:1: error: the case \(id) is in \(otherPath) too"
    case .duplicateAlias(let alias, let id, let otherID, let path):
      "\(path):1:1: error: \(id) and \(otherID) are both \(alias)"
    case .unreadable(let path, let reason): "\(path): error: \(reason)"
    }
  }
}

extension CaseParser {
  /// The cases of several files, which must not share an id or an alias.
  public static func parse(
    files: [(path: String, bytes: [UInt8])], facts: PeerFacts = PeerFacts()
  ) throws(CaseCorpusError) -> [Case] {
    var cases: [Case] = []
    var paths: [String: String] = [:]
    var aliases: [CaseAlias: String] = [:]
    for (path, bytes) in files {
      let parsed: [Case]
      do {
        parsed = try parse(bytes: bytes, path: path, facts: facts)
      } catch {
        throw .syntax(error)
      }
      for item in parsed {
        if let other = paths.updateValue(path, forKey: item.id) {
          throw .duplicateID(item.id, path: path, otherPath: other)
        }
        for alias in item.aliases {
          if let other = aliases.updateValue(item.id, forKey: alias) {
            throw .duplicateAlias(alias, id: item.id, otherID: other, path: path)
          }
        }
      }
      cases += parsed
    }
    return cases
  }
}
