import Foundation
import Synchronization

/// The `gauntlet` that was built beside the tests, run as users run it.
final class Subprocess: Sendable {
  private struct State {
    var output = ""
    var errors = ""
    var status: Int32?
    var waiters: [CheckedContinuation<Int32, Never>] = []
  }

  private let state = Mutex(State())
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
    let box = Box()
    process.terminationHandler = { process in box.value?.ended(process.terminationStatus) }
    output.fileHandleForReading.readabilityHandler = { handle in
      let text = String(decoding: handle.availableData, as: UTF8.self)
      guard !text.isEmpty else { return handle.readabilityHandler = nil }
      box.value?.state.withLock { $0.output += text }
    }
    errors.fileHandleForReading.readabilityHandler = { handle in
      let text = String(decoding: handle.availableData, as: UTF8.self)
      guard !text.isEmpty else { return handle.readabilityHandler = nil }
      box.value?.state.withLock { $0.errors += text }
    }
    try process.run()
    identifier = process.processIdentifier
    box.fill(self, isRunning: process.isRunning, status: { process.terminationStatus })
  }

  /// Lets handlers that begin before the object is whole find it later.
  private final class Box: Sendable {
    private let content = Mutex<Subprocess?>(nil)
    var value: Subprocess? { content.withLock { $0 } }

    func fill(_ value: Subprocess, isRunning: Bool, status: () -> Int32) {
      content.withLock { $0 = value }
      if !isRunning { value.ended(status()) }
    }
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

  private func ended(_ status: Int32) {
    let waiters = state.withLock { state in
      state.status = status
      let waiters = state.waiters
      state.waiters = []
      return waiters
    }
    for waiter in waiters { waiter.resume(returning: status) }
  }

  var output: String { state.withLock { $0.output } }
  var errors: String { state.withLock { $0.errors } }

  func send(signal: Int32) { kill(identifier, signal) }

  /// The exit code, once the process has ended.
  func exitCode() async -> Int32 {
    await withCheckedContinuation { continuation in
      let status = state.withLock { state -> Int32? in
        if state.status == nil { state.waiters.append(continuation) }
        return state.status
      }
      if let status { continuation.resume(returning: status) }
    }
  }

  /// Waits for a file that has something in it.
  func content(of path: String) async throws -> String {
    while true {
      if let text = try? String(contentsOfFile: path, encoding: .utf8), !text.isEmpty {
        return text
      }
      if let status = state.withLock({ $0.status }) {
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
