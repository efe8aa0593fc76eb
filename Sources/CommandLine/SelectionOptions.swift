public import ArgumentParser
public import CaseLanguage
import CaseLibrary
import FoundationEssentials

/// Which cases are meant: the flags that every verb which plays cases shares.
struct SelectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Play only these: an id (5.5/*), an alias (autobahn:2.*) or its number (7.1.*). \
      A folder or .case file adds its cases to the corpus, or takes the place of those there.
      """, valueName: "GLOB|DIR"))
  var cases: [String] = []

  @Option(help: ArgumentHelp("Leave these out.", valueName: "GLOB"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      "Play only what is about this clause or one in it: 'RFC 6455 §5.5', §5.5, 'RFC 7692'.",
      valueName: "CLAUSE"))
  var section: [String] = []

  @Option(help: ArgumentHelp("Play only cases with this tag.", valueName: "TAG"))
  var tag: [String] = []

  @Option(help: ArgumentHelp("Leave cases with this tag out.", valueName: "TAG"))
  var excludeTag: [String] = []

  @Option(
    help: ArgumentHelp(
      "Play only cases of this level: must, should or may; may be given twice.",
      valueName: "LEVEL"))
  var level: [Level] = []

  @Option(
    help: ArgumentHelp(
      """
      How much is played: smoke (a little of everything, in seconds), standard (all but what is \
      slow) or full.
      """, valueName: "TIER"))
  var tier = CaseTier.full

  @Option(
    help: ArgumentHelp(
      """
      The length of the longest message that the peer takes: plays the cases that go up to this \
      limit and beyond it.
      """, valueName: "SIZE"))
  var messageLimit: ByteSize?

  mutating func validate() throws {
    let limits = PeerFacts.messageByteCounts
    guard let limit = messageLimit, !limits.contains(limit.byteCount) else { return }
    throw ValidationError("--message-limit \(limit.defaultValueDescription): use 1K to 60M")
  }

  /// Whether no flag narrows the selection.
  var isDefault: Bool {
    cases.isEmpty && exclude.isEmpty && section.isEmpty && tag.isEmpty && excludeTag.isEmpty
      && level.isEmpty && tier == .full && messageLimit == nil
  }

  /// The built-in cases, with those of the folders and files among the arguments.
  func corpus() throws -> [Case] {
    let facts = messageLimit.map { PeerFacts(messageByteCount: $0.byteCount) } ?? PeerFacts()
    var corpus = messageLimit == nil ? CaseLibrary.all : CaseLibrary.cases(for: facts)
    for path in cases where Self.isPath(path) {
      do {
        corpus = CaseLibrary.merging(try CaseLibrary.load(path: path, facts: facts), into: corpus)
      } catch {
        throw wrongUse(error.description)
      }
    }
    return corpus
  }

  /// The cases that are selected of those for `peers`.
  func selected(from corpus: [Case], for peers: Peers) throws -> [Case] {
    var selection = CaseSelection(include: cases.filter { !Self.isPath($0) }, exclude: exclude)
    selection.sections = section
    selection.tags = tag
    selection.excludedTags = excludeTag
    selection.levels = level
    selection.tier = tier
    let selected: [Case]
    do {
      selected = try selection.select(from: corpus.filter { !$0.peers.isDisjoint(with: peers) })
    } catch {
      throw wrongUse(error.description)
    }
    // Where the limit is not known, nobody can say what is beyond it.
    let playable = selected.filter {
      messageLimit != nil || !$0.tags.contains(PeerFacts.messageLimitTag)
    }
    guard !playable.isEmpty else {
      throw wrongUse("these cases need the peer's limit: tell it with --message-limit SIZE")
    }
    return playable
  }

  /// What a replay needs of these flags: files and folders, and the limit.
  var replayWords: [String] {
    cases.filter(Self.isPath).flatMap { ["--cases", $0] }
      + (messageLimit.map { ["--message-limit", $0.defaultValueDescription] } ?? [])
  }

  private static func isPath(_ argument: String) -> Bool {
    argument.hasSuffix(".case") || argument.hasPrefix("/") || argument.hasPrefix("./")
      || argument.hasPrefix("../") || FileManager.default.fileExists(atPath: argument)
  }
}

extension Level: ExpressibleByArgument {}
extension CaseTier: ExpressibleByArgument {}
