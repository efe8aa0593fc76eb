import HTTP
import Synchronization
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@Suite("Who may come in", .timeLimit(.minutes(5)))
struct AccessTests {
  private static let users: UserList = {
    var users = UserList()
    users.add(
      "alice", PasswordHash(hashing: "wonder:land", method: .pbkdf2(iterationCount: 1000)),
      scopes: ["write"])
    users.add(
      "bob",
      PasswordHash(
        hashing: "b", method: .scrypt(logCost: 10, blockSize: 8, parallelism: 1)))
    return users
  }()

  private static func basic(_ user: String, _ password: String) -> String {
    "Authorization: Basic \(Base64.encode(Array("\(user):\(password)".utf8)))"
  }

  /// Runs `body` with a server that asks; whom it has let in is sent as the first message.
  private func withGate(
    _ change: (inout ServerConfiguration, inout AccessPolicy) -> Void,
    _ body: (SocketAddress) async throws -> Void
  ) async throws {
    let factory = HandlerFactory.asynchronous { connection in
      let principal = connection.request.principal
      try await connection.send(
        "\(principal?.name ?? "nobody") \(principal?.scheme.rawValue ?? "")")
      for try await message in connection.messages { try await connection.send(message) }
    }
    try await withServer(
      factory,
      configure: { configuration in
        var policy = AccessPolicy()
        configuration.http.get("/who") { .text($0.principal?.name ?? "nobody") }
        configuration.http.get("/free/*") { _ in .text("free") }
        configuration.http.post("/write") { _ in .text("written") }
        change(&configuration, &policy)
        configuration.access = policy
      }
    ) { _, address in try await body(address) }
  }

  /// What a WebSocket client is greeted with, or the status it is refused with.
  private func greeting(
    _ address: SocketAddress, _ target: String = "/", _ fields: [String] = []
  ) async throws -> String {
    let client = try await TestClient(to: address)
    client.send(TestClient.request(target, fields: fields))
    let head = try await client.readHead()
    guard head.hasPrefix("HTTP/1.1 101") else { return String(head.split(separator: " ")[1]) }
    let text = String(decoding: try await client.readFrame()?.payload ?? [], as: UTF8.self)
    client.send(.text, [1])
    #expect(try await client.readFrame()?.payload == [1])
    client.abort()
    return text
  }

  @Test func `a name and a password let a user in`() async throws {
    try await withGate({ configuration, policy in
      policy.users = Self.users
      policy.realm = "tests"
      policy.exemptPaths = ["/free/*"]
      policy.requiredScopes = [("/write", "write")]
      policy.acceptsURLCredentials = true
    }) { address async throws in
      let client = try await TestClient(to: address)
      let asked = try await client.ask("/who")
      #expect(asked.status == 401)
      #expect(asked["WWW-Authenticate"] == "Basic charset=\"UTF-8\", realm=\"tests\"")
      let alice = Self.basic("alice", "wonder:land")
      #expect(try await client.ask("/who", fields: [alice]).text == "alice\n")
      #expect(try await client.ask("/who", fields: [Self.basic("alice", "no")]).status == 401)
      #expect(try await client.ask("/who", fields: [Self.basic("eve", "b")]).status == 401)
      #expect(try await client.ask("/who", fields: ["Authorization: Basic !"]).status == 401)
      #expect(try await client.ask("/who", fields: ["Authorization: Digest a=b"]).status == 401)
      #expect(try await client.ask("/who", fields: [alice, alice]).status == 401)
      #expect(try await client.ask("/free/x").text == "free\n")
      #expect(try await client.ask("POST", "/write", fields: [alice], body: "x").status == 200)
      let bob = Self.basic("bob", "b")
      let refused = try await client.ask("POST", "/write", fields: [bob], body: "x")
      #expect(refused.status == 403)
      #expect(refused["WWW-Authenticate"]?.contains("insufficient_scope") == true)
      #expect(try await greeting(address, "/", [bob]) == "bob basic")
      #expect(try await greeting(address) == "401")
      #expect(try await greeting(address, "/?user=bob&password=b") == "bob url")
      #expect(try await greeting(address, "/?user=bob&password=c") == "401")
    }
  }

  @Test(arguments: ["//write", "/write/%2fx", "/a/../write", "/write/%", "/%77rite/%2e%2e/write"])
  func `a path that can be read in two ways gets past nobody`(path: String) async throws {
    try await withGate({ _, policy in
      policy.users = Self.users
      policy.requiredScopes = [("/write/*", "write")]
    }) { address async throws in
      let bob = Self.basic("bob", "b")
      #expect(try await greeting(address, "/write/x", [bob]) == "403")
      #expect(try await greeting(address, path, [bob]) == "400")
      let client = try await TestClient(to: address)
      #expect(try await client.ask("POST", path, fields: [bob], body: "").status == 400)
      // The connection goes on.
      #expect(try await client.ask("/who", fields: [bob]).text == "bob\n")
    }
  }

  @Test(arguments: ["/write", "/write/", "/write/*"])
  func `a slash at the end gets past no scope`(pattern: String) async throws {
    try await withGate({ _, policy in
      policy.users = Self.users
      policy.requiredScopes = [(pattern, "write")]
    }) { address async throws in
      let bob = Self.basic("bob", "b")
      #expect(try await greeting(address, "/write", [bob]) == "403")
      #expect(try await greeting(address, "/write/", [bob]) == "403")
      let below = try await greeting(address, "/write/x", [bob])
      #expect(below == (pattern == "/write/*" ? "403" : "bob basic"))
      #expect(try await greeting(address, "/", [bob]) == "bob basic")
    }
  }

  @Test func `octets sent before the decision wait for it`() async throws {
    try await withGate({ _, policy in policy.users = Self.users }) { address async throws in
      let client = try await TestClient(to: address)
      let request = TestClient.request(fields: [Self.basic("bob", "b")])
      client.send(Array(request.utf8) + TestClient.frame(.text, [1]) + TestClient.frame(.text, [2]))
      _ = try await client.readHead()
      #expect(try await client.readFrame()?.payload == Array("bob basic".utf8))
      #expect(try await client.readFrame()?.payload == [1])
      #expect(try await client.readFrame()?.payload == [2])
    }
  }

  @Test func `keys let programs in until they expire`() async throws {
    let key = APIKeys.makeKey()
    try await withGate({ _, policy in
      var keys = APIKeys()
      keys.queryName = "api_key"
      keys.add(key, name: "sensor", scopes: ["write"])
      keys.add("old", name: "gone", expiry: 1000)
      policy.keys = keys
      policy.requiredScopes = [("/write", "write")]
    }) { address async throws in
      let client = try await TestClient(to: address)
      #expect(try await client.ask("/who")["WWW-Authenticate"] == "Bearer realm=\"gauntlet\"")
      for field in ["X-API-Key: \(key)", "Authorization: Bearer \(key)"] {
        #expect(try await client.ask("/who", fields: [field]).text == "sensor\n")
        #expect(try await greeting(address, "/", [field]) == "sensor key")
      }
      #expect(try await greeting(address, "/?api_key=\(key)") == "sensor key")
      #expect(try await client.ask("/who", fields: ["X-API-Key: old"]).status == 401)
      #expect(try await client.ask("/who", fields: ["X-API-Key: \(key)x"]).status == 401)
      #expect(
        try await client.ask("POST", "/write", fields: ["X-API-Key: \(key)"], body: "").status
          == 200)
    }
  }

  @Test func `hooks decide on passwords, tokens and schemes of their own`() async throws {
    try await withGate({ _, policy in
      policy.verifyBasic = { _, credentials in
        guard case .basic(let user, "open") = credentials else { return .reject }
        await Task.yield()
        return .admit(Principal(user, scheme: .basic))
      }
      policy.verifyBearer = { _, credentials in
        credentials == .bearer("good")
          ? .admit(Principal("token", scheme: .bearer))
          : .respond(.text("teapot", status: .init(code: 418)))
      }
      policy.verifyOther = { request, credentials in
        guard case .other("negotiate", let text) = credentials, request.isUpgrade else {
          return .reject
        }
        return .admit(Principal(text, scheme: .other))
      }
      policy.challenges = [Challenge("Negotiate")]
    }) { address async throws in
      #expect(try await greeting(address, "/", [Self.basic("carol", "open")]) == "carol basic")
      #expect(try await greeting(address, "/", [Self.basic("carol", "shut")]) == "401")
      #expect(try await greeting(address, "/", ["Authorization: Bearer good"]) == "token bearer")
      #expect(try await greeting(address, "/", ["Authorization: Bearer bad"]) == "418")
      #expect(try await greeting(address, "/", ["Authorization: Negotiate me"]) == "me other")
      let client = try await TestClient(to: address)
      let asked = try await client.ask("/who", fields: ["Authorization: Negotiate me"])
      #expect(asked.status == 401)
      #expect(asked.head.contains("WWW-Authenticate: Negotiate"))
    }
  }

  @Test func `a client certificate that verifies lets its owner in`() async throws {
    var options = TLSServerOptions(identity: .selfSigned(hostNames: ["localhost"]))
    options.clientCertificates = .optional
    options.verifyClient = { $0.chain.first?.commonName == "alice" }
    let tls = try TLSContext(server: options)
    try await withGate({ configuration, policy in
      configuration.listeners[0].tls = tls
      policy.acceptsCertificates = true
    }) { address async throws in
      for (name, isIn) in [("alice", true), (nil, false)] as [(String?, Bool)] {
        var options = TLSClientOptions()
        options.verifiesPeer = false
        options.identity = name.map { .selfSigned(hostNames: [$0]) }
        let context = try TLSContext(client: options)
        let client = try await TestClient(to: address, tls: context)
        let reply = try await client.ask("/who")
        #expect(reply.status == (isIn ? 200 : 401))
        if isIn { #expect(reply.text == "alice\n") }
        client.abort()
      }
      var options = TLSClientOptions()
      options.verifiesPeer = false
      options.identity = .selfSigned(hostNames: ["mallory"])
      let client = try? await TestClient(to: address, tls: try TLSContext(client: options))
      await #expect(throws: (any Error).self) {
        try await #require(client).ask("/who")
      }
    }
  }

  @Test(arguments: [
    ("https://example.org", "101"), ("https://EXAMPLE.org", "101"),
    ("https://a.example.net", "101"), ("https://example.net", "403"),
    ("https://evil.org", "403"), ("https://evil.org?.example.net", "403"),
    ("https://example.org.evil.org", "403"), ("null", "403"), ("", "101"),
  ])
  func `only pages of the origins listed may connect`(origin: String, status: String) async throws {
    try await withGate({ _, policy in
      policy.origins = OriginPolicy(.listed(["https://example.org", "https://*.example.net"]))
    }) { address async throws in
      let fields = origin.isEmpty ? [] : ["Origin: \(origin)"]
      let result = try await greeting(address, "/", fields)
      #expect(result == (status == "101" ? "nobody " : status))
    }
  }

  @Test func `pages of the same host may connect`() async throws {
    try await withGate({ _, policy in
      policy.origins = OriginPolicy(.sameHost, allowsMissing: false)
    }) { address async throws in
      #expect(try await greeting(address, "/", ["Origin: http://localhost"]) == "nobody ")
      #expect(try await greeting(address, "/", ["Origin: http://localhost:80"]) == "nobody ")
      #expect(try await greeting(address, "/", ["Origin: http://localhost:81"]) == "403")
      #expect(try await greeting(address, "/", ["Origin: ftp://localhost"]) == "403")
      #expect(try await greeting(address) == "403")
    }
  }

  @Test func `who asks or fails too often is told to wait`() async throws {
    try await withGate({ _, policy in
      policy.users = Self.users
      policy.rateLimits = RateLimits()
      // One, so that a minute passes until the next is allowed.
      policy.rateLimits?.failuresPerMinute = 1
    }) { address async throws in
      let client = try await TestClient(to: address)
      #expect(try await client.ask("/who", fields: [Self.basic("bob", "no")]).status == 401)
      let refused = try await client.ask("/who", fields: [Self.basic("bob", "b")])
      #expect(refused.status == 429)
      #expect(refused["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
    }
    try await withGate({ _, policy in
      policy.rateLimits = RateLimits()
      policy.rateLimits?.requestsPerMinute = 1
    }) { address async throws in
      #expect(try await greeting(address) == "nobody ")
      #expect(try await greeting(address) == "429")
    }
  }

  @Test func `a hook exempts an endpoint`() async throws {
    try await withGate({ configuration, policy in
      policy.users = Self.users
      configuration.http.screen = { $0.path == "/who" ? .exempt : .proceed }
    }) { address async throws in
      let client = try await TestClient(to: address)
      #expect(try await client.ask("/who").text == "nobody\n")
      #expect(try await client.ask("/free/x").status == 401)
    }
  }

  @Test func `hashes are kept as text, and lists name the line that is wrong`() throws {
    let hash = PasswordHash(hashing: "x", method: .pbkdf2(iterationCount: 1000))
    #expect(PasswordHash(hash.description) == hash)
    #expect(hash.matches("x"))
    #expect(!hash.matches("y"))
    #expect(PasswordHash(hashing: "x", method: .pbkdf2(iterationCount: 1000)) != hash)
    for text in [
      "", "$md5$$a$b", "$pbkdf2-sha256$i=1$AAAAAAAAAAAAAAAA$AAAA",
      "$scrypt$ln=40,r=8,p=1$AAAA$AAAA",
    ] {
      #expect(PasswordHash(text) == nil)
    }
    let users = try UserList(parsing: "# all\n\nann:\(hash):a,b\n", name: "users")
    #expect(users.verify("ann", "x")?.scopes == ["a", "b"])
    #expect(users.verify("ann", "y") == nil)
    #expect {
      try UserList(parsing: "ann:\(hash)\nbob:secret\n", name: "users")
    } throws: {
      "\($0)".hasPrefix("users:2: write NAME:HASH")
    }
    #expect {
      try APIKeys(parsing: "a:zz", name: "keys")
    } throws: {
      "\($0)".hasPrefix("keys:1: write NAME:SHA256")
    }
    #expect(throws: ServerError.self) { try UserList(file: "/nowhere") }
  }
}
