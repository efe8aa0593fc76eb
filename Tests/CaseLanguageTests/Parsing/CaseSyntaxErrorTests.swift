import CaseLanguage
import CaseLibrary
import Foundation
import Testing

@Suite("Mistakes in case files")
struct CaseSyntaxErrorTests {
  /// Lines below `case a/b` and what is said of them; the first of them is line 4.
  static let mistakes: [(line: String, error: String)] = [
    ("> ping 126*\"x", "4:16: error: expected \" at the end of the text"),
    ("> pling", "4:5: error: expected text, binary, continuation, ping, pong, close, frame"),
    ("> ping hex:123", "4:14: error: expected two hexadecimal digits for each octet"),
    ("> ping hex:zz", "4:14: error: expected hexadecimal digits"),
    ("> ping 65MiB*\"xx\"", "4:10: error: expected a number of repetitions from 0 to 67108864"),
    ("> ping 64MiB*\"xx\"", "4:10: error: the payload is larger than 64 MiB"),
    ("> ping fin=2", "4:14: error: expected 0 or 1 from 0 to 1, not 2"),
    ("> ping \"\\q\"", "4:11: error: expected \\n, \\r, \\t"),
    ("> ping \"a\" fun=1", "4:14: error: expected the end of the line, not `fun=1`"),
    ("> ping {nobody}", "4:11: error: nothing is named nobody here"),
    ("> ping {", "4:10: error: expected {name}"),
    ("> wait 1", "4:10: error: expected a duration"),
    ("> wait 1.2345s", "4:10: error: expected a duration"),
    ("> head text fin=0", "4:20: error: expected length="),
    ("> ping fin=0 cut=3", "4:9: error: cut= and deflate are for whole text"),
    ("> ping deflate", "4:9: error: cut= and deflate are for whole text and binary messages"),
    ("> text \"a\" deflate=best", "4:22: error: expected stored or fixed after deflate="),
    ("agree window", "4:8: error: expected none, any, or a parameter of RFC 7692 §7.1"),
    ("agree server_max_window_bits=7", "4:8: error: expected none, any, or a parameter"),
    ("need luck", "4:7: error: expected context, reset or window=8…15, not `luck`"),
    ("> exchange 10 text slices(jason, 3)", "4:29: error: expected a corpus: json, bitmap"),
    ("> frame 16", "4:11: error: expected an opcode"),
    ("> ping mask=12", "4:15: error: expected none, random or a key of 8 hexadecimal digits"),
    ("< first pong", "4:5: error: expected echo, text or binary after `first`"),
    ("< pang", "4:5: error: expected accept, refuse, drop, request, no-request, follow, stay"),
    ("> request Upgrade", "4:13: error: expected bare, unfinished, sync, chop=N, eol=…"),
    ("> request status=\"200\"", "4:13: error: a request has no status"),
    ("> response method=\"GET\"", "4:14: error: a response has no method"),
    ("> request raw=none", "4:13: error: there is nothing to add"),
    ("> request Host+=none", "4:13: error: there is nothing to add"),
    ("> request Host=x", "4:18: error: expected a payload"),
    ("> request Host=usual(", "4:24: error: expected the name of a part or a field"),
    ("> request Host=lowercase(\"A\")", "4:28: error: expected usual"),
    ("> request chop=0", "4:18: error: expected a number of octets from 1"),
    ("< refuse 101", "4:12: error: expected a status such as 400, other than 101"),
    ("< refuse 4x", "4:12: error: expected a status such as 400"),
    ("< refuse 6xx", "4:12: error: expected a status such as 400"),
    ("< accept Upgrade", "4:12: error: expected NAME=\"value\", NAME=once"),
    ("< accept method=\"GET\"", "4:12: error: a response has no method"),
    ("< accept Upgrade=twice", "4:20: error: expected \"value\", once, key or none"),
    ("certificate none", "4:15: error: expected trusted, other-name, common-name, expired"),
    ("certificate", "4:14: error: expected trusted, other-name"),
    ("credentials user", "4:15: error: expected NAME:SECRET, of letters and digits, not `user`"),
    ("credentials a:b:c", "4:15: error: expected NAME:SECRET, of letters and digits"),
    ("< stay", "2:1: error: follow and stay need a line that gives the case a port of its own"),
    ("< no-request", "2:1: error: no-request and server-name need a certificate line"),
    ("< request server-name=\"a\"", "2:1: error: no-request and server-name need a certificate"),
    ("< request server-name=two", "4:25: error: expected \"value\", once, key or none"),
    ("level perhaps", "4:9: error: expected must, should or may, not `perhaps`"),
    ("within 1s explode", "4:13: error: expected kill or close after the duration"),
    ("alias 2.5", "4:9: error: expected an alias such as autobahn:2.5"),
    ("grade pass", "4:3: error: expected a reaction (<) above its grade"),
    ("or nothing", "4:6: error: expected < after `or`"),
    ("colour red", "4:3: error: expected >, <, or <, alias"),
    ("table", "4:8: error: expected rows below"),
    ("table nowhere", "4:8: error: no table is named nowhere"),
    ("vary x", "4:9: error: expected = and values"),
    ("accept everything", "4:9: error: expected any, client_no_context_takeover"),
  ]

  @Test(arguments: mistakes)
  func `a mistake is told with its place and what was expected`(
    mistake: (line: String, error: String)
  ) throws {
    let error = #expect(throws: CaseSyntaxError.self) {
      try cases("case a/b\n  why x\n  \(mistake.line)\n  > ping\n")
    }
    let description = try #require(error).description
    #expect(description.hasPrefix("x.case:" + mistake.error), "\(description)")
  }

  @Test(arguments: [
    (["> request", "> response"], "5:3: error: the peer cannot be server and client at once"),
    (["> response", "< accept"], "5:3: error: the peer cannot be server and client at once"),
    (["certificate expired", "> request"], "5:3: error: the peer cannot be server and client at"),
    (["certificate expired", "peer server", "< drop", "> ping"], "2:1: error: its opening hands"),
    (["certificate expired", "< no-request", "< close"], "6:3: error: nothing can follow where"),
    (["> request", "peer client"], "2:1: error: its opening handshake is that of a case for peer"),
    (["> request", "< drop", "< nothing"], "6:3: error: nothing can follow where the connection"),
    (["> request", "< refuse 400", "< close"], "6:3: error: nothing can follow where the"),
    (["> request", "< accept", "< accept"], "6:3: error: the opening comes first in a reaction"),
    (["> ping", "< pong", "< accept"], "6:3: error: the opening comes first in a reaction"),
  ])
  func `an opening handshake that cannot be is told`(lines: [String], expected: String) throws {
    let text = "case a\n  why x\n" + lines.map { "  \($0)\n" }.joined()
    let error = #expect(throws: CaseSyntaxError.self) { try cases(text) }
    let description = try #require(error).description
    #expect(description.hasPrefix("x.case:" + expected), "\(description)")
  }

  @Test func `the column is that of the file, not of the line with its variables filled in`() {
    let error = #expect(throws: CaseSyntaxError.self) {
      try cases("let long = \"0123456789\"\ncase a\n  why x\n  > ping {long} nonsense\n")
    }
    #expect(
      error?.description == "x.case:5:17: error: expected the end of the line, not `nonsense`")
  }

  @Test(arguments: [
    ("", "1:1: error: the file has no case"),
    ("  > ping", "2:1: error: this indented line belongs to nothing"),
    ("kase a", "2:1: error: expected section, let, table, defaults or case, not `kase`"),
    ("case a", "2:1: error: expected a why line"),
    ("case a\n  why x", "2:1: error: expected a step"),
    ("case a b\n  why x", "2:8: error: expected the end of the line, not `b`"),
    ("case ä\n  why x\n  > ping", "2:6: error: expected an id"),
    ("case a\n  why x\n  > ping\ncase a\n  why x\n  > ping", "5:6: error: there is a case a"),
    ("let = 3", "2:5: error: expected a name"),
    ("table t\n  | a |\n  | 1 | 2 |", "4:1: error: expected 1 values, not 2"),
    ("defaults\n  > ping\ncase a\n  why x\n  > ping", "3:1: error: a step cannot be a default"),
    (
      "case a\n  why x\n  > exchange 2 text \"x\"\n  > ping",
      "2:1: error: an exchange must be the last"
    ),
  ])
  func `a mistake in the frame of a file is told too`(text: String, expected: String) throws {
    let error = #expect(throws: CaseSyntaxError.self) { try cases(text) }
    let description = try #require(error).description
    #expect(description.hasPrefix("x.case:" + expected), "\(description)")
  }

  @Test func `octets that are no UTF-8 are a mistake`() {
    let error = #expect(throws: CaseSyntaxError.self) {
      try CaseParser.parse(bytes: [0x63, 0xff, 0x0a], path: "x.case")
    }
    #expect(error?.line == 1)
  }

  @Test func `a file cannot grow without bounds`() {
    let rows = (0..<40).map { "    | \($0) |\n" }.joined()
    let tables = (0..<3).map { "  table\n    | c\($0) |\n" + rows }.joined()
    #expect(throws: CaseSyntaxError.self) { try cases("case a/{c0}\n  why x\n  > ping\n" + tables) }
    var doubling = "let x0 = 0123456789\n"
    for index in 1..<40 { doubling += "let x\(index) = {x\(index - 1)}{x\(index - 1)}\n" }
    #expect(throws: CaseSyntaxError.self) { try cases(doubling) }
    let nested = String(repeating: "(", count: 5000)
    #expect(throws: CaseSyntaxError.self) { try oneCase("> ping \(nested)") }
    #expect(throws: CaseSyntaxError.self) { try oneCase("> 10000 x ping", "> ping") }
  }

  @Test func `files must not share an id or an alias`() throws {
    func file(_ id: String, _ alias: String) -> [UInt8] {
      Array("section RFC 6455 §5\ncase \(id)\n  alias s:\(alias)\n  why x\n  > ping\n".utf8)
    }
    let same = #expect(throws: CaseCorpusError.self) {
      try CaseParser.parse(files: [("1", file("a", "1")), ("2", file("a", "2"))])
    }
    #expect(same?.description == "2:1:1: error: the case a is in 1 too")
    let alias = #expect(throws: CaseCorpusError.self) {
      try CaseParser.parse(files: [("1", file("a", "1")), ("2", file("b", "1"))])
    }
    #expect(alias?.description == "2:1:1: error: b and a are both s:1")
  }

  @Test func `whatever the octets are, the parser returns, and what it made can be printed`() throws
  {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let exotic = """
      section RFC 6455 §5
      let y = yes
      case a/{n}
        title  {n} "quoted#text" \\\\u  # remark
        why    one "two
        why    three" four
        > close 3*"a" + hex:00 01
        > text "\\\\u \\u{202e} \\x7b {y}" fin=0 length=64bit:7 mask=01020304
        > head 11 length=0x8000000000000000 rsv=3
        > wait 59m mark=A
        > octets repeat("abc", 7) + count(1...3) sync
        > request bare Host="x" + usual(A) B+=lowercase(usual) raw=3*"a" eol="\\n" unfinished chop=2
        < first binary hex:ff
        or < refuse 4xx 426 Upgrade=once X="a" Y=none Z=key
        or < first text "x" optional
        grade acceptable ours
        within 0.5ms kill
        vary n = a: b, c
      """
    let seeds =
      [Array(exotic.utf8)]
      + CaseLibrary.files.map { Array($0.text.description.utf8) }.filter { $0.count < 6000 }
    #expect(try CaseParser.parse(bytes: seeds[0], path: "x").count == 2)
    let spice = Array("{}<>|\"\\#=,:;()[]*+0x9 \n\t".utf8) + [0xff, 0x00, 0xc3]
    for round in 0..<(Environment.rounds ?? 150) {
      var octets = round.isMultiple(of: 2) ? seeds[0] : seeds[next(seeds.count)]
      for _ in 0..<(1 + next(4)) {
        let place = next(octets.count)
        switch next(3) {
        case 0: octets[place] = spice[next(spice.count)]
        case 1: octets.insert(spice[next(spice.count)], at: place)
        default: octets.removeSubrange(place..<min(octets.count, place + next(20)))
        }
      }
      guard let parsed = try? CaseParser.parse(bytes: octets, path: "x") else { continue }
      for item in parsed.prefix(3) {
        let text = CasePrinter.print(item)
        #expect(try CaseParser.parse(bytes: Array(text.utf8), path: text) == [item])
      }
    }
  }
}

enum Environment {
  /// How many files to make up: `CASE_ROUNDS=10000 swift test --filter CaseSyntaxErrorTests`.
  static let rounds = ProcessInfo.processInfo.environment["CASE_ROUNDS"].flatMap { Int($0) }
}
