import ArgumentParser
import Foundation
import Testing

@testable import gauntlet

@Suite("gauntlet doctor", .timeLimit(.minutes(5)))
struct DoctorCommandTests {
  private struct Document: Decodable {
    struct Finding: Decodable {
      var subject: String
      var grade: String
    }

    var isGood: Bool
    var findings: [Finding]
  }

  @Test func `what lacks is the exit code, and is told in JSON`() async throws {
    // Nobody has so many descriptors.
    let process = try Subprocess([
      "doctor", "--duration", "20ms", "--connections", "10000000", "--json", "-",
    ])
    #expect(await process.exitCode() == 1, "\(process.errors)")
    let document = try JSONDecoder().decode(Document.self, from: Data(process.output.utf8))
    #expect(!document.isGood)
    #expect(
      document.findings.contains { $0.subject == "file descriptors" && $0.grade == "lacking" })
  }

  @Test func `people read what was found and what to set`() async throws {
    let process = try Subprocess(["doctor", "--duration", "20ms", "--connections", "10000000"])
    _ = await process.exitCode()
    #expect(process.output.contains("LACKING   file descriptors"))
    #expect(process.output.contains("ulimit -n"))
    #expect(process.output.hasSuffix(" good\n"))
  }

  @Test(arguments: [
    (["--connections", "0"], "--connections"), (["--duration", "1ms"], "--duration"),
  ])
  func `wrong use is told`(arguments: [String], text: String) {
    let error = #expect(throws: (any Error).self) { try DoctorCommand.parse(arguments) }
    #expect(error.map { DoctorCommand.message(for: $0).contains(text) } == true)
  }
}
