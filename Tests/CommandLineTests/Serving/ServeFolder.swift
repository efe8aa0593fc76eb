import Foundation
import Testing

import WebSocketServer

/// A folder with all that the example of the documentation names: certificates, users, keys, files.
struct ServeFolder {
  let path: String

  /// The password of the user ann.
  static let password = "open sesame"
  /// The key of the program `sensor`, which may write.
  static let key = "0123456789abcdef0123456789abcdef"

  init(_ path: String) throws {
    self.path = path
    let script = """
      cd \(path) && new="req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes" &&
      for name in server:localhost clients:authority second:second.test; do
        openssl $new -x509 -days 2 -subj /CN=${name#*:} -addext subjectAltName=DNS:${name#*:} \
          -keyout ${name%:*}.key -out ${name%:*}.pem || exit 1
      done &&
      openssl pkcs12 -export -in second.pem -inkey second.key -passout pass: -out second.p12 &&
      openssl $new -subj /CN=alice -keyout alice.key -out alice.csr &&
      openssl x509 -req -in alice.csr -CA clients.pem -CAkey clients.key -CAcreateserial -days 2 \
        -out alice.pem &&
      openssl $new -subj /CN=localhost -keyout other.key -out other.csr &&
      openssl x509 -req -in other.csr -CA clients.pem -CAkey clients.key -CAcreateserial -days -1 \
        -out expired.pem && mkdir www uploads
      """
    let (status, output) = shell(script)
    try #require(status == 0, "\(output)")
    let hash = PasswordHash(hashing: Self.password, method: .pbkdf2(iterationCount: 1000))
    var digest = shell("printf \(Self.key) | sha256sum").output
    digest = String(digest.prefix(64))
    try write("ann:\(hash)\n", to: "users")
    try write("sensor:\(digest):write\n", to: "keys")
    try write("a page", to: "www/index.html")
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
  }
}
