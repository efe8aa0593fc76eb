import Foundation
import Testing

@Suite("What a terminal is given", .serialized, .timeLimit(.minutes(5)))
struct StandardStreamsTests {
  /// Control characters but the ends of lines, which a terminal might obey.
  func controls(in text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" }
  }

  @Test(arguments: [
    ["load", "--connections", "1", "--duration", "1s"], ["wstest", "-m", "echoclient", "-w"],
    ["conform", "server", "--cases", "autobahn:1.1.1"],
  ])
  func `a server's words are shown, and not obeyed`(arguments: [String]) async throws {
    let bad = try BadPeer(.refusesInColor)
    defer { bad.stop() }
    let run = try Subprocess(arguments + [bad.url])
    #expect(await run.exitCode() != 0)
    let text = run.errors + run.output
    #expect(text.contains("[U+009B]31mEVIL"))
    #expect(controls(in: text).isEmpty)
  }

  static let command = #"printf '\033[31mEVIL\302\23331m\n'; exit 7"#

  @Test(arguments: [
    ["load", "ws://127.0.0.1:{port}/", "--exec"], ["ab", "--a", command, "--b"],
    ["conform", "server", "--cases", "autobahn:1.1.1", "--exec"],
  ])
  func `nor are those of a process that was started`(arguments: [String]) async throws {
    let run = try Subprocess(arguments + [Self.command])
    #expect(await run.exitCode() == 3)
    #expect(run.errors.contains("  | ␛[31mEVIL[U+009B]31m\n"), "\(run.errors)")
    #expect(controls(in: run.errors + run.output).isEmpty)
  }

  @Test func `nor those of clients and their driver`() async throws {
    let client = "\(try Subprocess.executable().path) wstest -m echoclient -w"
    let query = "case=%1B%5B31mEVIL%0Agauntlet:%20forged&agent=x"
    let run = try Subprocess([
      "conform", "client", "--listen", "127.0.0.1:0", "--cases", "autobahn:1.1.1", "--driver",
      "\(client) \"{url}/runCase?\(query)\"; \(Self.command)",
    ])
    #expect(await run.exitCode() == 3)
    #expect(run.errors.contains("400: case=␛[31mEVIL ⏎ gauntlet: forged is no number"))
    #expect(run.errors.contains("driver: ␛[31mEVIL[U+009B]31m\n"), "\(run.errors)")
    #expect(controls(in: run.errors + run.output).isEmpty)
  }
}
