import Testing
import WebSocketProtocol

@testable import FaultyTwins

@Suite("Faults")
struct FaultTests {
  @Test func `at least 80 are of servers and 30 of clients`() {
    #expect(Fault.all(of: .server).count >= 80)
    #expect(Fault.all(of: .client).count >= 30)
  }

  @Test func `each is declared once`() {
    for side in Role.allCases {
      let names = Fault.all(of: side).map(\.name)
      #expect(Set(names).count == names.count)
    }
    #expect(Set(Fault.all.map(\.sentence)).count == Fault.all.count)
  }

  @Test(arguments: Fault.all)
  func `each has a name to type, one sentence and one clause`(fault: Fault) {
    #expect(fault.name.wholeMatch(of: #/[a-z0-9][a-z0-9.-]*/#) != nil)
    #expect(fault.sentence.hasPrefix("It") || fault.sentence.first?.isUppercase == true)
    #expect(fault.sentence.hasSuffix("."))
    #expect(fault.clause.wholeMatch(of: #/RFC \d{4} §\d+(\.\d+)*/#) != nil)
    #expect(!fault.sides.isEmpty)
  }

  @Test(arguments: Role.allCases)
  func `every area has some`(side: Role) {
    #expect(Set(Fault.all(of: side).map(\.area)) == Set(Fault.Area.allCases))
  }
}
