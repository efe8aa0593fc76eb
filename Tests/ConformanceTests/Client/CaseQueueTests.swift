import CaseLanguage
import Testing
import WebSocketProtocol

@testable import Conformance

@Suite("The order in which cases play")
struct CaseQueueTests {
  static func item(_ id: String, _ steps: [Step]) -> Case {
    Case(id: id, citation: Citation(document: "RFC 6455", section: "5"), steps: steps)
  }

  static let cases = [
    item("light", [.frame(Step.Frame(opcode: .text))]),
    item("slow", [.pause(Step.Pause(.seconds(2)))]),
    item("big", [.frame(Step.Frame(opcode: .text, payload: .repeated([1], count: 1 << 20)))]),
    item(
      "bigger",
      [
        .exchange(
          Step.Exchange(
            count: 1000, kind: .text, content: .slices(corpus: .json, length: 100_000)))
      ]),
    item(
      "chopped",
      [
        .frame(
          Step.Frame(
            opcode: .text, payload: .repeated([1], count: 100_000), delivery: .pieces(10)))
      ]),
  ]

  @Test func `long pauses first, then light ones, and heavy ones when those are over`() {
    var queue = CaseQueue(Self.cases, jobs: 4, heavyJobs: 2, treatsAllAsLight: false)
    #expect(queue.next() == 1)
    #expect(queue.next() == 0)
    #expect(queue.next() == nil)
    queue.ended(0, isSuspect: false)
    #expect(queue.next() == nil)
    queue.ended(1, isSuspect: false)
    #expect(queue.next() == 3)
    #expect(queue.next() == 4)
    #expect(queue.next() == nil)
    queue.ended(3, isSuspect: true)
    #expect(queue.next() == 2)
    queue.ended(4, isSuspect: false)
    queue.ended(2, isSuspect: false)
    #expect(queue.isDone)
  }

  @Test func `too many suspects do not play once more, and all is done`() {
    let count = CaseQueue.suspectLimit + 1
    let cases = Array(repeating: Self.cases[0], count: count)
    var queue = CaseQueue(cases, jobs: count, heavyJobs: 2, treatsAllAsLight: false)
    for index in (0..<count).reversed() {
      #expect(queue.next() != nil)
      #expect(!queue.isDone, "\(index) are to come")
    }
    for index in 0..<count { queue.ended(index, isSuspect: true) }
    #expect(queue.isDone && queue.next() == nil)
  }

  @Test func `octets and heads of the handshake weigh too`() {
    let head = HeadScript(
      .request, edits: [.field("X", HeadValue(.repeated([1], count: 1 << 20)))],
      delivery: .pieces(1 << 10))
    let item = Self.item("head", [.opening(head), .octets(.repeated([1], count: 8), .together)])
    #expect(item.weight == (1 << 20) + (1000 << 10) + 8)
  }

  @Test func `a suspect plays once more, two at a time`() {
    let cases = Array(repeating: Self.cases[0], count: 4)
    var queue = CaseQueue(cases, jobs: 4, heavyJobs: 2, treatsAllAsLight: false)
    while let index = queue.next(), index < 3 {}
    for index in 0..<4 { queue.ended(index, isSuspect: true) }
    let again = [queue.next(), queue.next(), queue.next()].compactMap { $0 }
    #expect(again.count == 2)
    for index in again { queue.ended(index, isSuspect: true) }
    var rest = 0
    while let index = queue.next() {
      rest += 1
      queue.ended(index, isSuspect: true)
    }
    #expect(rest == 2)
    #expect(queue.isDone)
  }

  @Test func `many suspects are no accident`() {
    let cases = Array(repeating: Self.cases[0], count: CaseQueue.suspectLimit + 1)
    var queue = CaseQueue(cases, jobs: 100, heavyJobs: 2, treatsAllAsLight: false)
    var started: [Int] = []
    while let index = queue.next() { started.append(index) }
    for index in started { queue.ended(index, isSuspect: true) }
    #expect(queue.next() == nil)
    #expect(queue.isDone)
  }

  @Test func `a case that was put back comes again`() {
    var queue = CaseQueue([Self.cases[0]], jobs: 1, heavyJobs: 1, treatsAllAsLight: false)
    #expect(queue.next() == 0)
    queue.putBack(0)
    #expect(queue.next() == 0)
    queue.ended(0, isSuspect: false)
    #expect(queue.isDone)
  }

  @Test func `without a WebSocket everything is light`() {
    var queue = CaseQueue(Self.cases, jobs: 10, heavyJobs: 1, treatsAllAsLight: true)
    var count = 0
    while queue.next() != nil { count += 1 }
    #expect(count == Self.cases.count)
  }
}
