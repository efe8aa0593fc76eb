import Foundation
import HTTP
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

/// The code of the article on who may come in.
enum AccessHowTo {
  static func users(_ given: ServerConfiguration, _ file: String) throws -> ServerConfiguration {
    var configuration = given
    var policy = AccessPolicy()
    policy.users = try UserList(file: file)
    policy.exemptPaths = ["/health", "/static/*", "/login"]
    policy.requiredScopes = [("/admin/*", "admin")]
    policy.rateLimits = RateLimits()
    configuration.access = policy

    configuration.http.sessions = SessionStore()
    configuration.http.login("/login", users: try UserList(file: file))
    return configuration
  }

  static func keys() -> (policy: AccessPolicy, key: String) {
    var policy = AccessPolicy()
    let key = APIKeys.makeKey()
    var keys = APIKeys()
    keys.add(key, name: "sensor", scopes: ["write"], expiry: 4_102_444_800)
    keys.queryName = "api_key"
    policy.keys = keys
    return (policy, key)
  }

  static func hooks() -> AccessPolicy {
    var policy = AccessPolicy()
    policy.verifyBearer = { _, credentials in
      guard case .bearer(let token) = credentials, token == "of-another-service" else {
        return .reject
      }
      return .admit(Principal("ann", scheme: .bearer, scopes: ["read"]))
    }
    policy.acceptsURLCredentials = true
    return policy
  }

  static func origins(_ given: AccessPolicy) -> AccessPolicy {
    var policy = given
    policy.origins = OriginPolicy(
      .listed(["https://example.org", "https://*.example.org"]), allowsMissing: true)
    return policy
  }

  static var greeter: HandlerFactory {
    .asynchronous { connection in
      let principal = connection.request.principal
      try await connection.send(
        "\(principal?.name ?? "nobody"), \(principal?.scopes.sorted() ?? [])")
      for try await _ in connection.messages {}
    }
  }
}

@Suite("How to say who may come in", .timeLimit(.minutes(5)))
struct AccessHowToTests {
  private func greeting(
    _ address: SocketAddress, _ target: String, _ fields: [String]
  ) async throws -> String {
    let client = try await TestClient(to: address)
    client.send(TestClient.request(target, fields: fields))
    let head = try await client.readHead()
    guard head.hasPrefix("HTTP/1.1 101 ") else {
      return String(head.split(separator: " ")[1])
    }
    return String(decoding: try await client.readFrame()?.payload ?? [], as: UTF8.self)
  }

  @Test func `users come in by password, or with a session`() async throws {
    let file = NSTemporaryDirectory() + "howto-\(UInt64.random(in: 0 ... .max))"
    let hash = PasswordHash(hashing: "secret", method: .pbkdf2(iterationCount: 1000))
    try Data("ann:\(hash):admin\n".utf8).write(to: URL(filePath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    try await withServer(
      AccessHowTo.greeter,
      configure: {
        $0 = (try? AccessHowTo.users($0, file)) ?? $0
        $0.compression = nil
      }
    ) { _, address async throws in
      let basic = "Authorization: Basic " + Data("ann:secret".utf8).base64EncodedString()
      #expect(try await greeting(address, "/admin/x", [basic]) == "ann, [\"admin\"]")
      #expect(try await greeting(address, "/", []) == "401")
      let client = try await TestClient(to: address)
      let form = ["Content-Type: application/x-www-form-urlencoded"]
      let login = try await client.ask(
        "POST", "/login", fields: form, body: "user=ann&password=secret")
      let cookie = try #require(login["Set-Cookie"]?.split(separator: ";").first)
      #expect(try await greeting(address, "/", ["Cookie: \(cookie)"]).hasPrefix("ann, "))
    }
  }

  @Test func `programs come in with keys and tokens, pages by their origin`() async throws {
    let (policy, key) = AccessHowTo.keys()
    var both = AccessHowTo.origins(policy)
    both.verifyBearer = AccessHowTo.hooks().verifyBearer
    try await withServer(
      AccessHowTo.greeter,
      configure: { [both] in
        $0.access = both
        $0.compression = nil
      }
    ) { _, address async throws in
      #expect(try await greeting(address, "/", ["X-API-Key: \(key)"]) == "sensor, [\"write\"]")
      #expect(try await greeting(address, "/?api_key=\(key)", []) == "sensor, [\"write\"]")
      let token = "Authorization: Bearer of-another-service"
      #expect(try await greeting(address, "/", [token]) == "ann, [\"read\"]")
      let foreign = "Origin: https://example.com"
      #expect(try await greeting(address, "/", ["X-API-Key: \(key)", foreign]) == "403")
      let own = "Origin: https://a.example.org"
      #expect(try await greeting(address, "/", ["X-API-Key: \(key)", own]).hasPrefix("sensor"))
    }
  }
}
