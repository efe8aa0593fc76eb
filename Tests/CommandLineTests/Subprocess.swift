import Foundation
import Synchronization

/// The `gauntlet` that was built beside the tests, run as users run it.
final class Subprocess: Sendable {
  /// What has come out so far; the handlers own it too, as they may begin before the object is whole.
  private final class Record: Sendable {
    private struct State {
      var output = ""
      var errors = ""
      var status: Int32?
      var openPipeCount = 2
      var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    private let state = Mutex(State())

    var output: String { state.withLock { $0.output } }
    var errors: String { state.withLock { $0.errors } }
    /// The exit code, as soon as the process has ended and its pipes are at their ends.
    var status: Int32? { state.withLock { $0.openPipeCount == 0 ? $0.status : nil } }

    func add(output text: String) { state.withLock { $0.output += text } }
    func add(errors text: String) { state.withLock { $0.errors += text } }
    func pipeEnded() { settle { $0.openPipeCount = max(0, $0.openPipeCount - 1) } }
    func giveUpPipes() { settle { $0.openPipeCount = 0 } }
    func ended(_ status: Int32) { settle { $0.status = status } }

    func wait(_ continuation: CheckedContinuation<Int32, Never>) {
      settle { $0.waiters.append(continuation) }
    }

    private func settle(_ change: (inout State) -> Void) {
      let (status, waiters) = state.withLock { state in
        change(&state)
        guard let status = state.status, state.openPipeCount == 0 else {
          return (Int32(0), [CheckedContinuation<Int32, Never>]())
        }
        defer { state.waiters = [] }
        return (status, state.waiters)
      }
      for waiter in waiters { waiter.resume(returning: status) }
    }
  }

  private let record = Record()
  let identifier: Int32

  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    let process = Process()
    if !environment.isEmpty {
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    }
    process.executableURL = try Self.executable()
    process.arguments = arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    let record = record
    process.terminationHandler = { process in
      record.ended(process.terminationStatus)
      // A process that was started at the same moment may hold a pipe open for as long as it lives.
      DispatchQueue.global().asyncAfter(deadline: .now() + 1) { record.giveUpPipes() }
    }
    for (pipe, add) in [(output, record.add(output:)), (errors, record.add(errors:))] {
      pipe.fileHandleForReading.readabilityHandler = { handle in
        let data = handle.availableData
        guard !data.isEmpty else {
          handle.readabilityHandler = nil
          return record.pipeEnded()
        }
        add(String(decoding: data, as: UTF8.self))
      }
    }
    try process.run()
    identifier = process.processIdentifier
  }

  /// The program beside the tests.
  static func executable() throws -> URL {
    let built = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    for folder in [built, built.appending(path: "..")] {
      let file = folder.appending(path: "gauntlet")
      if FileManager.default.isExecutableFile(atPath: file.path) { return file }
    }
    throw CocoaError(.fileNoSuchFile)
  }

  var output: String { record.output }
  var errors: String { record.errors }

  func send(signal: Int32) { kill(identifier, signal) }

  /// The exit code, once the process has ended and all that it wrote is here.
  func exitCode() async -> Int32 {
    await withCheckedContinuation { record.wait($0) }
  }

  /// Waits for a file that has something in it.
  func content(of path: String) async throws -> String {
    while true {
      if let text = try? String(contentsOfFile: path, encoding: .utf8), !text.isEmpty {
        return text
      }
      if let status = record.status {
        throw CocoaError(.executableLoad, userInfo: ["status": status, "errors": errors])
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}

/// A folder for one test, removed after it.
func withFolder(_ body: (String) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "gauntlet-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try await body(folder)
}
