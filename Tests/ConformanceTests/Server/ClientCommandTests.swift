import CaseLanguage
import CaseLibrary
import Conformance
import FoundationEssentials
import Reports
import Testing
import Transport

@Suite("A command for each case", .serialized)
struct ClientCommandTests {
  func server() throws -> ConformanceServer {
    let cases = try CaseSelection(include: ["autobahn:1.1.1", "autobahn:7.1.1"])
      .select(from: CaseLibrary.all)
    return try ConformanceServer(
      ConformanceServerOptions(places: [.init(address: .loopback(port: 0))], cases: cases))
  }

  func folder() throws -> String {
    let path =
      FileManager.default.temporaryDirectory.path + "/gauntlet-\(UInt64.random(in: 0...(.max)))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  @Test func `a command that never connects is an error, with its output`() async throws {
    let server = try server()
    try server.start()
    let folder = try folder()
    var command = ClientCommand(
      text: "echo saw {case} at {url}; exit 3", agent: "shell", outputFolder: folder)
    command.jobs = 2
    try await command.play(server.options.cases, with: server) { _ in "ws://nowhere/?a=1&b=2" }
    let results = try #require(server.results().agents.first?.results)
    #expect(results.map(\.verdict.overall) == [.error, .error])
    #expect(results.first?.reason == "the command exited with code 3 and never connected")
    let id = try #require(results.first?.caseID)
    #expect(
      results.first?.transcript.map(\.notation) == ["client: saw \(id) at ws://nowhere/?a=1&b=2"])
    try FileManager.default.removeItem(atPath: folder)
    await server.stop()
  }

  @Test func `a command that is not there ends the run`() async throws {
    let server = try server()
    try server.start()
    let folder = try folder()
    let command = ClientCommand(
      text: "gauntlet-no-such-client {url}", agent: "none", outputFolder: folder)
    await #expect(throws: ClientCommand.Failure.self) {
      try await command.play(server.options.cases, with: server) { _ in "ws://nowhere/" }
    }
    try FileManager.default.removeItem(atPath: folder)
    await server.stop()
  }

  @Test func `a command that hangs is stopped`() async throws {
    let server = try server()
    try server.start()
    let folder = try folder()
    var command = ClientCommand(text: "exec sleep 60", agent: "hangs", outputFolder: folder)
    command.timeLimit = .milliseconds(100)
    try await command.play(server.options.cases, with: server) { _ in "ws://nowhere/" }
    let reasons = server.results().agents.first?.results.map(\.reason)
    let expected = "the command was stopped at its time limit and never connected"
    #expect(reasons == [expected, expected])
    try FileManager.default.removeItem(atPath: folder)
    await server.stop()
  }
}
