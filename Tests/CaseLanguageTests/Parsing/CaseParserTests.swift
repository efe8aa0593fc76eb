import CaseLanguage
import Foundation
import Testing
import WebSocketProtocol

/// The cases of a file that is written here; its section is added.
func cases(_ text: String) throws -> [Case] {
  try CaseParser.parse(bytes: Array(("section RFC 6455 §5.5\n" + text).utf8), path: "x.case")
}

/// A case with these lines, and a step if they have none.
func oneCase(_ lines: String...) throws -> Case {
  let body = lines.map { "  \($0)\n" }.joined()
  let step = lines.contains { $0.hasPrefix(">") } ? "" : "  > ping\n"
  let parsed = try cases("case a/b\n  why because\n" + step + body)
  return try #require(parsed.first)
}

@Suite("Case files")
struct CaseParserTests {
  @Test func `a case has what its lines say`() throws {
    let item = try oneCase(
      "alias autobahn:2.5 other:7", "level should", "title Some title  # a remark",
      "tags x y x", "peer client", "> ping 126*\"x\"", "< nothing", "< fail 1002",
      "within 0.5s kill", "report time", "check written-reason fresh-masks", "why and more")
    #expect(item.id == "a/b")
    #expect(item.aliases == [CaseAlias("autobahn:2.5"), CaseAlias("other:7")])
    #expect(item.citation == Citation(document: "RFC 6455", section: "5.5"))
    #expect(item.level == .should)
    #expect(item.title == "Some title")
    #expect(item.why == "because and more")
    #expect(item.tags == ["x", "y"])
    #expect(item.peers == .client)
    #expect(item.steps == [.frame(.init(opcode: .ping, payload: .repeated([0x78], count: 126)))])
    #expect(item.deadline == Deadline(.milliseconds(500), .kill))
    #expect(item.report == .time)
    #expect(item.checks == [.freshMasks, .writtenReason])
    #expect(CasePrinter.print(item).contains("check  fresh-masks written-reason\n"))
    let ending = Ending(initiator: .peer, codes: [1002], isCleanRequired: false)
    #expect(item.expectation.reactions == [Reaction(ending: ending)])
  }

  @Test func `without an ending we close with 1000, cleanly`() throws {
    let item = try oneCase("> ping \"hello\"", "< echo")
    let pong = ExpectedEvent(.pong(.text("hello")))
    #expect(item.expectation == Expectation(reactions: [Reaction(events: [pong])]))
    #expect(item.expectation.ending == Ending())
  }

  @Test func `what is known of the peer stands for names`() throws {
    let text = Array(
      "section RFC 6455 §10.4\ncase a\n  why b\n  > binary {message-limit}*\"x\"\n".utf8)
    for (facts, count) in [(PeerFacts(), 16 << 20), (PeerFacts(messageByteCount: 5000), 5000)] {
      let item = try #require(CaseParser.parse(bytes: text, path: "x", facts: facts).first)
      #expect(
        item.steps == [.frame(.init(opcode: .binary, payload: .repeated([0x78], count: count)))])
    }
  }

  @Test func `a title comes from the id where none is given`() throws {
    #expect(try oneCase().title == "B")
    #expect(
      try cases("case 5.5/payload-over-125\n why x\n > ping").first?.title == "Payload over 125")
  }

  @Test func `an echo is the answers to all messages and Pings in order`() throws {
    let item = try oneCase(
      "> text \"a\" fin=0", "> ping \"p\"", "> continuation \"b\"", "> binary \"c\" cut=1",
      "< echo")
    #expect(
      item.expectation.reactions[0].events.map(\.kind) == [
        .pong(.text("p")), .message(.text, .text("ab")), .message(.binary, .text("c")),
      ])
  }

  @Test func `reactions have grades, and may be ours alone`() throws {
    let item = try oneCase(
      "> text \"a\"", "< echo", "< fail 1002", "or < nothing", "grade acceptable",
      "or < close 1000", "grade pass ours")
    let reactions = item.expectation.reactions
    #expect(reactions.map(\.grade) == [.pass, .acceptable, .pass])
    #expect(reactions.map(\.isEstablished) == [true, true, false])
    #expect(reactions.map(\.ending.initiator) == [.peer, .peer, .us])
    #expect(item.expectation.establishedReactions.count == 2)
  }

  @Test func `tables and vary lines multiply a case, the last one fastest`() throws {
    let items = try cases(
      """
      let who = "me"
      table sizes
        | n | size |
        | 1 | 5    |
        | 2 | 6    |
      case a/{n}-{kind}
        alias autobahn:9.{n}.{kind}
        why  x
        >    text {size}*{who} {how}
        table sizes
        table
          | kind |
          | x    |
          | y    |
        vary how = whole: , octets: chop=1
      """)
    #expect(items.count == 8)
    #expect(items[0].id == "a/1-x/whole")
    #expect(items[1].id == "a/1-x/octets")
    #expect(items[7].id == "a/2-y/octets")
    #expect(
      items[7].steps == [
        .frame(
          .init(
            opcode: .text, payload: .repeated(Array("me".utf8), count: 12), delivery: .pieces(1)))
      ])
  }

  @Test func `defaults hold until the next defaults, and cases overrule them`() throws {
    let items = try cases(
      """
      defaults
        level may
        tags  t
        within 1s close
        < fail 1007 fatal=initiator
      case a/1
        why x
        > ping
      case a/2
        why x
        level must
        tags u
        > ping
        < close 1000
      defaults
      case a/3
        why x
        > ping
      """)
    #expect(items.map(\.level) == [.may, .must, .must])
    #expect(items.map(\.tags) == [["t"], ["t", "u"], []])
    #expect(items.map(\.expectation.ending.initiator) == [.peer, .us, .us])
    #expect(items[0].expectation.ending.failsOnWrongInitiator)
    #expect(items[2].deadline == nil)
  }

  @Test func `repeated lines count from 0`() throws {
    let item = try oneCase("> 3 x ping \"p{i}\"", "< 2 x pong \"p{i}\" optional", "< pong \"p2\"")
    #expect(item.steps.count == 3)
    #expect(item.expectation.reactions[0].events.map(\.isOptional) == [true, true, false])
    #expect(item.expectation.reactions[0].events[1].kind == .pong(.text("p1")))
  }

  @Test func `compression is offered and accepted by rules`() throws {
    let item = try oneCase(
      "offer permessage-deflate; a, permessage-deflate",
      "accept client_no_context_takeover; client_max_window_bits=9, any")
    #expect(item.compression?.offers == ["permessage-deflate; a", "permessage-deflate"])
    #expect(
      item.compression?.acceptance == [
        .init(clientNoContextTakeover: true, clientMaxWindowBits: 9), .init(),
      ])
  }

  @Test func `carriage returns and a byte order mark do no harm`() throws {
    let text = "\u{feff}section RFC 6455 §5\r\ncase a\r\n  why x\r\n  > ping\r\n"
    #expect(try CaseParser.parse(bytes: Array(text.utf8), path: "x").count == 1)
  }
}

@Suite("The reference page of the case language")
struct ReferencePageTests {
  @Test func `its examples are case files`() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Documentation/case-language.md").standardized.path
    let contents = try #require(FileManager.default.contents(atPath: path))
    let blocks = String(decoding: contents, as: UTF8.self).components(separatedBy: "```\n")
    let examples = blocks.filter { $0.contains("\ncase ") && $0.contains("  why ") }
    #expect(examples.count == 4)
    for example in examples {
      let count = example.contains("table sizes") ? 4 : example.contains("certificate") ? 2 : 3
      #expect(try cases(example).count == count)
    }
  }
}
