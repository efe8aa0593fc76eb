import Foundation
import Testing

/// A small certificate authority, made once with the `openssl` program in a temporary folder.
struct Certificates: Sendable {
  let folder: String

  /// For `localhost` and 127.0.0.1, signed by the authority.
  var server: (chain: String, key: String) { ("\(folder)/server.pem", "\(folder)/server.key") }
  /// As `server`, but its time is over.
  var expired: (chain: String, key: String) { ("\(folder)/expired.pem", "\(folder)/server.key") }
  /// For `second.test` and any name below `wild.test`, signed by the authority.
  var second: (chain: String, key: String) { ("\(folder)/second.pem", "\(folder)/second.key") }
  /// For the client `alice`, signed by the authority; and for `mallory`, which is revoked.
  var client: (chain: String, key: String) { ("\(folder)/alice.pem", "\(folder)/alice.key") }
  var revoked: (chain: String, key: String) { ("\(folder)/mallory.pem", "\(folder)/mallory.key") }
  /// As `server`, with a key for RSA.
  var rsa: (chain: String, key: String) { ("\(folder)/rsa.pem", "\(folder)/rsa.key") }
  /// What the encrypted files among them are encrypted with.
  var passPhrase: String { "correct horse" }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { "\(folder)/\(name)" }

  /// What a file in the folder says.
  func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }

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
    try makeOthers(key)
  }

  private func makeOthers(_ key: [String]) throws {
    try Data("subjectAltName=DNS:second.test,DNS:*.wild.test\n".utf8)
      .write(to: URL(fileURLWithPath: file("second.names")))
    for (name, subject) in [("second", "second.test"), ("alice", "alice"), ("mallory", "mallory")] {
      try openssl(
        ["req", "-subj", "/CN=\(subject)"] + key
          + ["-keyout", "\(name).key", "-out", "\(name).csr"])
      try openssl(
        ["x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2"]
          + (name == "second" ? ["-extfile", "second.names"] : []) + ["-out", "\(name).pem"])
    }
    try openssl(
      ["pkcs12", "-export", "-in", "server.pem", "-inkey", "server.key", "-certfile", "ca.pem"]
        + ["-passout", "pass:\(passPhrase)", "-out", "server.p12"])
    try openssl(
      ["pkcs8", "-topk8", "-in", "server.key", "-passout", "pass:\(passPhrase)"]
        + ["-out", "encrypted.key"])
    try openssl(
      ["genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"]
        + ["-out", "dh.pem"])
    try Data((try text("server.pem") + (try text("server.key"))).utf8)
      .write(to: URL(fileURLWithPath: file("bundle.pem")))
    try openssl(
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        + ["-keyout", "rsa.key", "-out", "rsa.pem"])
    let configuration =
      "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n"
      + "default_crl_days=2\ncertificate=ca.pem\nprivate_key=ca.key\n"
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: file("ca.cnf")))
    try Data().write(to: URL(fileURLWithPath: file("index.txt")))
    try Data("01\n".utf8).write(to: URL(fileURLWithPath: file("number")))
    try openssl(["ca", "-config", "ca.cnf", "-revoke", "mallory.pem"])
    try openssl(["ca", "-config", "ca.cnf", "-gencrl", "-out", "revoked.pem"])
    try FileManager.default.createDirectory(
      atPath: file("authorities"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: authority, toPath: file("authorities/ca.pem"))
    try openssl(["rehash", "authorities"])
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
