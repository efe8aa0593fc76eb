import Testing

@testable import Reports

@Suite("The established suite's pages")
struct EstablishedPagesTests {
  @Test func `each case has a page beside its JSON, and the table leads to it`() throws {
    let conformance = try #require(SampleRun.run.conformance)
    let pages = EstablishedPages.files(for: conformance)
    let files = EstablishedReport.files(for: conformance)
    #expect(
      pages.map { $0.name.replacing(".html", with: "") }
        == files.map { $0.name.replacing(".json", with: "") })
    let table = try #require(pages.first).text
    for page in pages.dropFirst() { #expect(table.contains("href=\"\(page.name)\"")) }
    let order = ["Case 2.2<", "Case 2.5<", "Case 5.3<", "Case 7.1.6<", "Case 12.1.1<"]
    let places = order.map { table.firstRange(of: $0)?.lowerBound }
    #expect(places.allSatisfy { $0 != nil })
    #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    let page = try #require(pages.first { $0.name.hasSuffix("2_5.html") }).text
    for part in ["Case Description", "Case Expectation", "Case Outcome", "Wire Log", "closedByMe"] {
      #expect(page.contains(part))
    }
  }

  @Test(arguments: HostileText.all)
  func `hostile text stays text`(text: String) throws {
    let plain = try #require(SampleRun.run.conformance)
    let hostile = try #require(SampleRun.run(peerText: text).conformance)
    let tags = { (page: String) in page.count { $0 == "<" } }
    for (page, other) in zip(
      EstablishedPages.files(for: plain), EstablishedPages.files(for: hostile))
    where !page.name.hasPrefix("index") {
      #expect(!other.text.contains("<script"))
      #expect(tags(page.text) == tags(other.text))
    }
  }
}
