import Foundation
import Testing

/// A folder with certificates that have signed themselves, made with the `openssl` program.
final class HowToCertificates: Sendable {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "howto-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let script = """
      cd '\(folder)' && for name in server:localhost clients:alice second:second.test; do
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -x509 -days 60 \
          -subj /CN=${name#*:} -addext subjectAltName=DNS:${name#*:} \
          -keyout ${name%:*}.key -out ${name%:*}.pem 2>/dev/null || exit 1
      done && cat server.pem server.key > all.pem &&
      openssl pkcs12 -export -in server.pem -inkey server.key -passout pass: -out server.p12
      """
    let pipe = unsafe popen(script, "r")
    try #require(unsafe pipe != nil && pclose(pipe) == 0)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func file(_ name: String) -> String { "\(folder)/\(name)" }
}
