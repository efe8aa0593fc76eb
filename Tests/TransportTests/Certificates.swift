import Foundation
import Testing

/// A small certificate authority, made once with the `openssl` program in a temporary folder.
struct Certificates: Sendable {
  let folder: String

  /// For `localhost` and 127.0.0.1, signed by the authority.
  var server: (chain: String, key: String) { ("\(folder)/server.pem", "\(folder)/server.key") }
  /// As `server`, but its time is over.
  var expired: (chain: String, key: String) { ("\(folder)/expired.pem", "\(folder)/server.key") }
  /// Who has signed them.
  var authority: String { "\(folder)/ca.pem" }

  static let shared = Result { try Certificates() }

  private init() throws {
    folder = NSTemporaryDirectory() + "gauntlet-tls-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("subjectAltName=DNS:localhost,IP:127.0.0.1\n".utf8)
      .write(to: URL(fileURLWithPath: "\(folder)/names"))
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    try openssl(
      ["req", "-x509", "-days", "2", "-subj", "/CN=Test authority"] + key
        + ["-keyout", "ca.key", "-out", "ca.pem"])
    try openssl(
      ["req", "-subj", "/CN=localhost"] + key + ["-keyout", "server.key", "-out", "server.csr"])
    let sign = [
      "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
      "-extfile", "names",
    ]
    try openssl(sign + ["-days", "2", "-out", "server.pem"])
    try openssl(sign + ["-days", "-1", "-out", "expired.pem"])
  }

  private func openssl(_ arguments: [String]) throws {
    // Not Foundation's Process, whose waiting may miss the exit on a concurrency thread.
    let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
    let pipe = unsafe popen("cd '\(folder)' && openssl \(quoted) 2>/dev/null", "r")
    guard let pipe = unsafe pipe, unsafe pclose(pipe) == 0 else {
      throw Failed(arguments: arguments)
    }
  }

  struct Failed: Error {
    let arguments: [String]
  }
}
