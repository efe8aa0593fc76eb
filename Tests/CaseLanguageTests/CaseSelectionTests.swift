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
    #expect(try numbers(["deflate/*"]).count == 216)
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

  @Test func `a loaded case takes the place of the one with its id`() throws {
    let item = try cases("case 5.5/payload-over-125\n  alias autobahn:2.5\n  why x\n  > ping\n")
    let merged = CaseLibrary.merging(item)
    #expect(merged.count == 517)
    #expect(merged.first { $0.id == "5.5/payload-over-125" } == item[0])
    #expect(CaseLibrary.merging(try cases("case z\n  why x\n  > ping\n")).last?.id == "z")
  }
}
