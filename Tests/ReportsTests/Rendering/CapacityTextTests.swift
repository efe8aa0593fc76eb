import Testing

@testable import Reports

@Suite("A capacity in reports")
struct CapacityTextTests {
  static var results: CapacityResults {
    var probes = [100.0, 200, 300, 400].map { load in
      var probe = CapacityResults.Probe(load: load, isMet: load < 400)
      probe.messagesPerSecond = load
      probe.p50Nanoseconds = 1_000_000
      probe.p99Nanoseconds = load < 400 ? 2_000_000 : 90_000_000
      return probe
    }
    probes[3].missed = ["p99<20ms: 90.0 ms </script>"]
    var results = CapacityResults(
      axis: .rate, objectives: ["p99<20ms"], ending: .found, probes: probes)
    (results.capacity, results.low, results.high, results.knee) = (300, 300, 400, 300)
    results.exhausted = "one processor of the server"
    return results
  }

  @Test func `each play is a line`() {
    #expect(
      CapacityText.line(Self.results.probes[0])
        == "           100         100   1.00 ms   2.00 ms         –        0  carried")
    #expect(
      CapacityText.line(Self.results.probes[3]).hasSuffix(
        "not carried: p99<20ms: 90.0 ms </script>"))
    #expect(CapacityText.header.hasPrefix("          load  messages/s"))
  }

  @Test(arguments: [
    (
      CapacityResults.Ending.found,
      "capacity  300 messages/s with p99<20ms (every play at 300 was carried, none at 400)"
    ),
    (.limitReached, "capacity  at least 300 messages/s with p99<20ms; no more was tried"),
    (
      .generatorExhausted,
      "capacity  at least 300 messages/s with p99<20ms; the generator gave out first"
    ),
    (.interrupted, "capacity  at least 300 messages/s with p99<20ms; interrupted"),
  ])
  func `the conclusion says how sure it is`(ending: CapacityResults.Ending, text: String) {
    var results = Self.results
    results.ending = ending
    #expect(CapacityText.sentence(results) == text)
  }

  @Test func `nothing carried is said`() {
    var results = Self.results
    (results.capacity, results.ending) = (nil, .nothingCarried)
    #expect(
      CapacityText.sentence(results) == "capacity  none: not even the least load met p99<20ms")
  }

  @Test func `the page has the curve and every play, and a file keeps them`() throws {
    var run = Run(environment: .current())
    run.capacity = Self.results
    let page = HTMLPage.text(for: [run])
    #expect(page.contains("<section id=\"capacity\">"))
    #expect(page.contains("Latency by load") && page.contains(">knee</text>"))
    #expect(page.contains("4 plays"))
    #expect(page.contains("90.0 ms &lt;/script&gt;"))
    #expect(try RunFile.decode(RunFile.encode(run), path: "run.json").capacity == Self.results)
  }

  @Test func `summaries say what was found`() {
    var run = Run(environment: .current(), isComplete: true)
    run.capacity = Self.results
    let sentence = "capacity  300 messages/s with p99"
    #expect(SummaryText.render(run).hasPrefix(sentence))
    #expect(SummaryText.render(run).contains("gave out  one processor of the server\n"))
    #expect(MarkdownSummary.text(for: run).contains("capacity  300 messages/s"))
  }
}
