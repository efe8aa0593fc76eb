import Testing

/// Holds the code to the house's rules, so that no reviewer has to.
@Suite("The house is tidy")
struct TidyTests {
  /// What each room may import of the house; three columns, and the programs that join them.
  static let arrows: [String: Set<String>] = [
    "Deflate": ["CZlib"],
    "HTTP": [],
    "WebSocketProtocol": ["Deflate", "HTTP"],
    "Transport": ["CLinux", "COpenSSL"],
    "Reports": [],
    "WebSocketServer": ["WebSocketProtocol", "HTTP", "Transport"],
    "ServerLifecycle": ["WebSocketServer"],
    "FaultyTwins": ["WebSocketProtocol", "HTTP", "Transport"],
    "CaseLanguage": ["WebSocketProtocol"],
    "CaseLibrary": ["CaseLanguage"],
    "Conformance": [
      "CaseLanguage", "CaseLibrary", "WebSocketProtocol", "HTTP", "Transport", "Reports",
    ],
    "LoadTesting": [
      "CaseLanguage", "Conformance", "WebSocketProtocol", "HTTP", "Transport", "Reports",
    ],
    "CommandLine": [
      "CaseLanguage", "CaseLibrary", "Conformance", "FaultyTwins", "HTTP", "LoadTesting",
      "Reports", "Transport", "WebSocketProtocol", "WebSocketServer",
    ],
    "Examples": ["WebSocketProtocol", "HTTP", "Transport", "WebSocketServer", "ServerLifecycle"],
    "EmbedCases": ["CaseLanguage"],
    "Fuzz": ["CaseLanguage", "Deflate", "HTTP", "WebSocketProtocol"],
  ]

  /// Where an expression may be `unsafe`: behind a proof, beside a C library or in a hot leaf.
  static let unsafePlaces = [
    "Sources/Deflate/", "Sources/Transport/", "Sources/Fuzz/",
    "Sources/HTTP/HTTPField+Line.swift",
    "Sources/WebSocketProtocol/Frames/Masking.swift", "Sources/CommandLine/StandardStreams.swift",
    "Sources/Reports/Files/Files.swift",
  ]

  @Test(arguments: SourceTree.sources)
  func `a room imports only what its arrows allow`(file: SourceFile) throws {
    let allowed = try #require(Self.arrows[file.room], "unknown room \(file.room)")
    let house = Set(Self.arrows.keys).union(["CZlib", "COpenSSL", "CLinux"])
    for line in file.lines {
      let words = line.split(separator: " ").map(String.init)
      guard let keyword = words.firstIndex(of: "import"), keyword <= 2, words.count > keyword + 1,
        house.contains(words[keyword + 1])
      else { continue }
      #expect(allowed.contains(words[keyword + 1]), "\(file.path): \(line)")
    }
  }

  @Test(arguments: SourceTree.sources)
  func `shipped rooms import FoundationEssentials and never Foundation`(file: SourceFile) {
    #expect(!file.lines.contains { $0.hasSuffix("import Foundation") })
  }

  @Test(arguments: SourceTree.sources)
  func `unsafe stays where it is proven`(file: SourceFile) {
    guard !Self.unsafePlaces.contains(where: file.path.hasPrefix) else { return }
    let offending = file.lines.filter { line in
      guard !line.drop(while: { $0 == " " }).hasPrefix("//") else { return false }
      return line.contains("nonisolated(unsafe)") || line.contains("@unchecked Sendable")
        || line.split(whereSeparator: { " (".contains($0) }).contains("unsafe")
    }
    #expect(offending.isEmpty, "\(file.path)")
  }

  @Test(arguments: SourceTree.sources)
  func `a file has at most 500 lines`(file: SourceFile) {
    #expect(file.lines.count <= 501, "\(file.path) has \(file.lines.count) lines")
  }

  @Test(arguments: SourceTree.examples)
  func `an example has less than 100 lines`(file: SourceFile) {
    #expect(file.lines.count <= 100, "\(file.path) has \(file.lines.count) lines")
  }

  @Test(arguments: SourceTree.sources)
  func `a function has at most 70 lines`(file: SourceFile) {
    for function in longFunctions(of: file, limit: 70) {
      Issue.record("\(file.path):\(function.line): \(function.length) lines")
    }
  }

  @Test(arguments: SourceTree.sources)
  func `nobody owes anything`(file: SourceFile) {
    #expect(!file.lines.contains { $0.contains("TODO") || $0.contains("FIXME") }, "\(file.path)")
  }

  @Test(arguments: SourceTree.sources + SourceTree.tests)
  func `an RFC is cited by number and section`(file: SourceFile) {
    let malformed = #/RFC[0-9]|RFC [0-9]+ (?:[Ss]ection|sec)/#
    let lines = file.lines.filter { $0.contains("RFC") && $0.contains(malformed) }
    #expect(lines.isEmpty, "\(file.path): \(lines)")
  }

  @Test(arguments: SourceTree.tests)
  func `no test waits for work to end by sleeping for long`(file: SourceFile) {
    let long = #/sleep\(for: \.seconds\((?:[2-9]|[0-9]{2,})/#
    #expect(!file.lines.contains { $0.contains("sleep(") && $0.contains(long) })
  }

  /// Functions longer than the limit, found by the indentation that the formatter guarantees.
  private func longFunctions(of file: SourceFile, limit: Int) -> [(line: Int, length: Int)] {
    var found: [(line: Int, length: Int)] = []
    let begin = #/^ *(?:[@a-z()& ]* )?(?:func|init|deinit)\b.*\{$/#
    for (index, line) in file.lines.enumerated()
    where line.hasSuffix("{") && line.contains(begin) {
      let indentation = line.prefix { $0 == " " }
      let end = file.lines[(index + 1)...].firstIndex { $0 == indentation + "}" }
      if let end, end - index > limit { found.append((index + 1, end - index)) }
    }
    return found
  }
}
