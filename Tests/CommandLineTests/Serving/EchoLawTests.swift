import Testing

@testable import gauntlet

@Suite("How a server of known behaviour replies")
struct EchoLawTests {
  func replies(_ law: EchoLaw, at times: [Duration]) -> [EchoCourse.Reply] {
    var course = EchoCourse(law, seed: 1)
    return times.map { course.reply(at: $0) }
  }

  @Test func `laws are read from text`() {
    #expect(EchoLaw.Delay("5ms") == .constant(.milliseconds(5)))
    #expect(EchoLaw.Delay("exponential:5ms") == .exponential(.milliseconds(5)))
    #expect(
      EchoLaw.Stall("500ms/10s") == .init(duration: .milliseconds(500), period: .seconds(10)))
    #expect(EchoLaw.Mishap("lose/10000") == .init(kind: .lose, interval: 10_000))
    for text in ["", "x", "uniform:5ms", "5ms:exponential", "2h"] {
      #expect(EchoLaw.Delay(text) == nil)
    }
    for text in ["", "1s", "2s/1s", "0/1s", "1s/2s/3s"] { #expect(EchoLaw.Stall(text) == nil) }
    for text in ["", "lose", "lose/0", "win/3", "lose/x"] { #expect(EchoLaw.Mishap(text) == nil) }
  }

  @Test func `a constant delay is the same for all`() {
    var law = EchoLaw()
    law.delay = .constant(.milliseconds(5))
    #expect(
      replies(law, at: [.zero, .milliseconds(1)]).map(\.due)
        == [.milliseconds(5), .milliseconds(6)])
  }

  @Test func `an exponential delay has its mean and its percentiles`() {
    var law = EchoLaw()
    law.delay = .exponential(.milliseconds(5))
    let delays = replies(law, at: Array(repeating: .zero, count: 100_000))
      .map { $0.due / .milliseconds(1) }.sorted()
    #expect(abs(delays.reduce(0, +) / 100_000 - 5) < 0.1)
    // p50 = mean × ln 2, p99 = mean × ln 100.
    #expect(abs(delays[50_000] - 3.466) < 0.1)
    #expect(abs(delays[99_000] - 23.026) < 0.8)
  }

  @Test func `replies that would come in a stall come at its end`() {
    var law = EchoLaw()
    law.stall = .init(duration: .milliseconds(500), period: .seconds(10))
    let times: [Duration] = [
      .milliseconds(100), .seconds(10), .milliseconds(10_499), .milliseconds(10_500),
    ]
    #expect(
      replies(law, at: times).map(\.due)
        == [
          .milliseconds(100), .milliseconds(10_500), .milliseconds(10_500), .milliseconds(10_500),
        ])
  }

  @Test func `what comes faster than the rate waits its turn, and idle time is not saved up`() {
    var law = EchoLaw()
    law.rate = 100
    #expect(
      replies(law, at: [.zero, .zero, .zero, .seconds(1), .seconds(1)]).map(\.due)
        == [.zero, .milliseconds(10), .milliseconds(20), .seconds(1), .milliseconds(1010)])
  }

  @Test func `one message in so many has a mishap`() {
    var law = EchoLaw()
    law.mishap = .init(kind: .double, interval: 3)
    #expect(
      replies(law, at: Array(repeating: .zero, count: 6)).map(\.mishap)
        == [nil, nil, .double, nil, nil, .double])
  }
}
