import Foundation
import Synchronization

/// A program that was built beside the tests, `gauntlet` or an example, run as users run it.
///
/// What it writes goes to files: a pipe that other processes of the same moment inherit has no end, and
/// on a busy machine its reader is late.
final class Subprocess: Sendable {
  /// The exit code, and who waits for it.
  private final class Ending: Sendable {
    private struct State {
      var status: Int32?
      var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    private let state = Mutex(State())

    var status: Int32? { state.withLock { $0.status } }

    func came(_ status: Int32) {
      let waiters = state.withLock { state in
        state.status = status
        defer { state.waiters = [] }
        return state.waiters
      }
      for waiter in waiters { waiter.resume(returning: status) }
    }

    func wait(_ continuation: CheckedContinuation<Int32, Never>) {
      let status = state.withLock { state in
        if state.status == nil { state.waiters.append(continuation) }
        return state.status
      }
      if let status { continuation.resume(returning: status) }
    }
  }

  private let ending = Ending()
  private let folder: URL
  let identifier: Int32

  init(
    _ arguments: [String], program: String = "gauntlet", environment: [String: String] = [:]
  ) throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "gauntlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func file(_ name: String) throws -> FileHandle {
      let url = folder.appending(path: name)
      try Data().write(to: url)
      return try FileHandle(forWritingTo: url)
    }
    let process = Process()
    if !environment.isEmpty {
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    }
    process.executableURL = try Self.executable(program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try file("output")
    process.standardError = try file("errors")
    let ending = ending
    process.terminationHandler = { ending.came($0.terminationStatus) }
    try process.run()
    identifier = process.processIdentifier
    self.folder = folder
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The program beside the tests.
  static func executable(_ name: String = "gauntlet") throws -> URL {
    let built = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    for folder in [built, built.appending(path: "..")] {
      let file = folder.appending(path: name)
      if FileManager.default.isExecutableFile(atPath: file.path) { return file }
    }
    throw CocoaError(.fileNoSuchFile)
  }

  /// What it has written so far.
  var output: String { text("output") }
  /// What it has complained of so far.
  var errors: String { text("errors") }

  private func text(_ name: String) -> String {
    let data = try? Data(contentsOf: folder.appending(path: name))
    return String(decoding: data ?? Data(), as: UTF8.self)
  }

  func send(signal: Int32) { kill(identifier, signal) }

  /// The exit code, once the process has ended.
  func exitCode() async -> Int32 {
    await withCheckedContinuation { ending.wait($0) }
  }

  /// Waits for a file that has something in it.
  func content(of path: String) async throws -> String {
    while true {
      if let text = try? String(contentsOfFile: path, encoding: .utf8), !text.isEmpty {
        return text
      }
      if let status = ending.status {
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
