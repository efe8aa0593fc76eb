import CaseLanguage
import CaseLibrary
import Testing

@Suite("Selecting cases")
struct CaseSelectionTests {
  func numbers(_ include: [String], exclude: [String] = []) throws -> [String] {
    try CaseSelection(include: include, exclude: exclude).select(from: CaseLibrary.all)
      .compactMap { $0.number(in: "autobahn") }
  }

  @Test func `patterns fit ids, aliases and numbers, whole`() throws {
    #expect(try numbers(["5.5/payload-over-125"]) == ["2.5"])
    #expect(try numbers(["autobahn:2.5"]) == ["2.5"])
    #expect(try numbers(["7.1.*"]) == (1...6).map { "7.1.\($0)" })
    #expect(try numbers(["1.*"]).count == 16)
    #expect(try numbers(["12.?.1", "13.?.1"]).count == 12)
    #expect(try numbers(["autobahn:12.*", "autobahn:13.*"]).count == 216)
    #expect(
      try CaseSelection(include: ["autobahn:*"]).select(from: CaseLibrary.all).count == 517)
    #expect(try numbers([]).count == 517)
  }

  @Test func `the order is that of the numbers`() throws {
    #expect(try numbers(["2.*"]) == (1...11).map { "2.\($0)" })
    #expect(try numbers(["10.1.1", "9.8.6", "2.1"]) == ["2.1", "9.8.6", "10.1.1"])
  }

  @Test func `exclusions take away`() throws {
    #expect(try numbers(["2.*"], exclude: ["2.1*", "2.5"]).count == 7)
  }

  @Test func `a pattern that fits nothing is an error that says what to do`() {
    let error = #expect(throws: CaseSelectionError.self) { try numbers(["14.*"]) }
    #expect(
      error?.description
        == "no case matches '14.*': see `gauntlet cases list` for ids and aliases")
    #expect(throws: CaseSelectionError.self) { try numbers(["2.*"], exclude: ["nobody"]) }
    #expect(throws: CaseSelectionError.self) { try numbers(["2.*"], exclude: ["2.*"]) }
  }

  @Test(arguments: [
    ("RFC 6455 §5.5", true), ("RFC 6455 §5", true), ("§5.5", true), ("6455 5.5", true),
    ("RFC 6455 5.5.1", true), ("RFC 6455", true), ("6455", true),
    ("5.5", true), ("RFC 6455 §5.5.10", false), ("RFC 6455 §5.4", false), ("RFC 7692", false),
    ("§5.5.1.1", false), ("7692 5.5", false), ("55", false),
  ])
  func `a clause is meant with all that lies in it`(text: String, isMeant: Bool) {
    #expect(Citation(document: "RFC 6455", section: "5.5.1").lies(in: text) == isMeant)
  }

  @Test func `clauses, tags, levels and tiers must all hold`() throws {
    let corpus = try cases(
      """
      section RFC 6455 §5.5.1
      case a
        why x
        tags smoke
        > ping
      case b
        why x
        level should
        tags slow
        > ping
      section RFC 7692 §7
      case c
        why x
        tags other
        > ping

      """)
    func ids(_ change: (inout CaseSelection) -> Void) throws -> [String] {
      var selection = CaseSelection()
      change(&selection)
      return try selection.select(from: corpus).map(\.id)
    }
    #expect(try ids { _ in } == ["a", "b", "c"])
    #expect(try ids { $0.tier = .smoke } == ["a"])
    #expect(try ids { $0.tier = .standard } == ["a", "c"])
    #expect(try ids { $0.sections = ["RFC 6455 §5.5"] } == ["a", "b"])
    #expect(try ids { $0.sections = ["§5", "7692"] } == ["a", "b", "c"])
    #expect(try ids { $0.tags = ["slow", "other"] } == ["b", "c"])
    #expect(try ids { $0.excludedTags = ["slow"] } == ["a", "c"])
    #expect(try ids { $0.levels = [.should] } == ["b"])
    #expect(throws: CaseSelectionError.section("§9")) { try ids { $0.sections = ["§9"] } }
    #expect(throws: CaseSelectionError.tag("nobody")) { try ids { $0.tags = ["nobody"] } }
    #expect(throws: CaseSelectionError.nothingLeft) {
      try ids { ($0.tier, $0.levels) = (.smoke, [.should]) }
    }
  }

  @Test func `a loaded case takes the place of the one with its id`() throws {
    let item = try cases("case 5.5/payload-over-125\n  alias autobahn:2.5\n  why x\n  > ping\n")
    let merged = CaseLibrary.merging(item)
    #expect(merged.count == CaseLibrary.all.count)
    #expect(merged.first { $0.id == "5.5/payload-over-125" } == item[0])
    #expect(CaseLibrary.merging(try cases("case z\n  why x\n  > ping\n")).last?.id == "z")
  }
}
