import FoundationEssentials
import Testing

@testable import Reports

@Suite("The established suite's report files")
struct EstablishedReportTests {
  @Test func `the index and a case look as they always did`() throws {
    let conformance = try #require(SampleRun.run.conformance)
    let files = EstablishedReport.files(for: conformance)
    #expect(
      files.map(\.name) == [
        "index.json", "python_websockets_15_0_case_2_5.json",
        "python_websockets_15_0_case_2_2.json",
        "python_websockets_15_0_case_5_3.json", "python_websockets_15_0_case_7_1_6.json",
        "python_websockets_15_0_case_12_1_1.json",
      ])
    try TestFiles.expectGolden(files[0].text, "established-index.json")
    try TestFiles.expectGolden(files[1].text, "established-case.json")
  }

  @Test(arguments: HostileText.all)
  func `hostile text keeps the files well-formed and in their folder`(text: String) throws {
    let conformance = try #require(SampleRun.run(peerText: text).conformance)
    for file in EstablishedReport.files(for: conformance) {
      #expect(!file.name.contains("/"))
      #expect(file.text.utf8.allSatisfy { $0 < 0x7F && ($0 >= 0x20 || $0 == 0x0A) })
      let object = try JSONDecoder().decode([String: AnyValue].self, from: Data(file.text.utf8))
      #expect(!object.isEmpty)
    }
  }

  @Test func `agents of the same cleaned name keep files of their own`() throws {
    var conformance = try #require(SampleRun.run.conformance)
    var twin = conformance.agents[0]
    twin.name = "Python/websockets 15-0"
    conformance.agents.append(twin)
    let names = EstablishedReport.files(for: conformance).map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test func `a name of a megabyte makes files that a file system takes`() throws {
    var results = try #require(SampleRun.run.conformance)
    results.agents[0].name = String(repeating: "x", count: 1 << 20)
    let files = EstablishedReport.files(for: results)
    #expect(files.count > 1)
    #expect(files.allSatisfy { $0.name.utf8.count < 256 })
    #expect(files[0].text.contains(results.agents[0].name))
  }

  @Test func `payloads are cut and shown as the established suite does`() {
    #expect(EstablishedReport.payloadText(Array("hello".utf8), byteCount: 5) == "hello")
    #expect(EstablishedReport.payloadText([0xFF], byteCount: 1) == "0xff")
    let long = [UInt8](repeating: 0x2A, count: 200)
    #expect(
      EstablishedReport.payloadText(long, byteCount: 65535)
        == String(repeating: "*", count: 64) + " ...")
    #expect(EstablishedReport.payloadText(Array(long[..<60]), byteCount: 60).count == 60)
  }

  /// Any JSON value.
  private struct AnyValue: Decodable {
    init(from decoder: any Decoder) throws {}
  }
}
