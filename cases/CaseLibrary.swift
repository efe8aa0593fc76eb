public import CaseLanguage

/// The corpus that is built into the program.
public enum CaseLibrary {
  /// All cases, expanded, in the order of lists; parsed at first use.
  public static let all: [Case] = cases(for: PeerFacts())

  /// The files as they were at build time, by their paths within the corpus.
  public static let files: [(path: String, text: StaticString)] = embeddedCaseFiles

  /// All cases, expanded for what is known of a peer, in the order of lists.
  public static func cases(for facts: PeerFacts) -> [Case] {
    let files = files.map { file in
      (path: file.path, bytes: Array(file.text.description.utf8))
    }
    do {
      return try CaseParser.parse(files: files, facts: facts).sorted { $0.isOrdered(before: $1) }
    } catch {
      // The build stops at a file that cannot be parsed, so this one was parsed before.
      preconditionFailure(error.description)
    }
  }

  /// `base` with the cases of `added`: those with an id of `base` take its place.
  public static func merging(_ added: [Case], into base: [Case] = all) -> [Case] {
    let ids = Set(added.map(\.id))
    return (base.filter { !ids.contains($0.id) } + added).sorted { $0.isOrdered(before: $1) }
  }
}
