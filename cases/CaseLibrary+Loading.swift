public import CaseLanguage
import FoundationEssentials

extension CaseLibrary {
  /// The cases of a `.case` file, or of all `.case` files in a folder and the folders in it.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - facts: What is known of the peer.
  /// - Returns: The cases in the order of the files' paths.
  /// - Throws: The first mistake, or what cannot be read.
  public static func load(
    path: String, facts: PeerFacts = PeerFacts()
  ) throws(CaseCorpusError) -> [Case] {
    try load(paths: [path], facts: facts)
  }

  /// The cases of several files and folders, which must not share an id or an alias.
  ///
  /// - Parameters:
  ///   - paths: The files and folders.
  ///   - facts: What is known of the peer.
  /// - Returns: The cases in the order of `paths`.
  /// - Throws: The first mistake, or what cannot be read.
  public static func load(
    paths: [String], facts: PeerFacts = PeerFacts()
  ) throws(CaseCorpusError) -> [Case] {
    var files: [(path: String, bytes: [UInt8])] = []
    for path in paths {
      for file in try caseFiles(at: path) where !files.contains(where: { $0.path == file }) {
        guard let contents = FileManager.default.contents(atPath: file) else {
          throw .unreadable(path: file, reason: "the file cannot be read")
        }
        files.append((file, Array(contents)))
      }
    }
    return try CaseParser.parse(files: files, facts: facts)
  }

  /// The paths of the `.case` files at `path`, sorted.
  public static func caseFiles(at path: String) throws(CaseCorpusError) -> [String] {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw .unreadable(path: path, reason: "there is no such file or folder")
    }
    guard isDirectory else { return [path] }
    guard let names = try? FileManager.default.subpathsOfDirectory(atPath: path) else {
      throw .unreadable(path: path, reason: "the folder cannot be read")
    }
    let root = path.hasSuffix("/") ? path : path + "/"
    let files = names.filter { $0.hasSuffix(".case") }.sorted().map { root + $0 }
    guard !files.isEmpty else {
      throw .unreadable(path: path, reason: "the folder has no .case file")
    }
    return files
  }
}
