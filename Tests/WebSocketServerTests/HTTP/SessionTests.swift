import Synchronization
import Testing
import Transport
import WebSocketServer

@Suite("Sessions", .timeLimit(.minutes(5)))
struct SessionTests {
  private func cookie(_ reply: Reply) throws -> String {
    String(try #require(reply["Set-Cookie"]?.split(separator: ";").first))
  }

  @Test func `state is kept by a signed cookie, until it ends`() async throws {
    let events = Record<String>()
    var options = SessionStore.Options()
    options.started = { _ in events.append("started") }
    options.ended = { _ in events.append("ended") }
    options.invalid = { _ in events.append("invalid") }
    let sessions = SessionStore(options)
    try await withServer(configure: { configuration in
      configuration.http.sessions = sessions
      configuration.http.get("/count") { request in
        let count = (request.session?["count"].flatMap { Int($0) } ?? 0) + 1
        request.session?["count"] = "\(count)"
        return .text("\(count)")
      }
      configuration.http.get("/end") { request in
        request.session?.end()
        return .text("over")
      }
    }) { _, address in
      let client = try await TestClient(to: address)
      let first = try await client.ask("/count")
      #expect(first.text == "1\n")
      #expect(first["Set-Cookie"]?.contains("; HttpOnly; SameSite=Lax") == true)
      let mine = try cookie(first)
      let second = try await client.ask("/count", fields: ["Cookie: \(mine)"])
      #expect(second.text == "2\n")
      #expect(second["Set-Cookie"] == nil)
      #expect(try await client.ask("/count").text == "1\n")
      let forged = mine.dropLast(2) + "xx"
      #expect(try await client.ask("/count", fields: ["Cookie: \(forged)"]).text == "1\n")
      #expect(try await client.ask("/end", fields: ["Cookie: \(mine)"]).status == 200)
      #expect(try await client.ask("/count", fields: ["Cookie: \(mine)"]).text == "1\n")
    }
    #expect(events.all.filter { $0 == "invalid" }.count == 2)
    #expect(events.all.filter { $0 == "ended" }.count == 1)
    #expect(events.all.filter { $0 == "started" }.count == 4)
  }

  @Test func `sessions end by time and are bounded`() async throws {
    var options = SessionStore.Options()
    options.timeout = .milliseconds(20)
    options.maximumCount = 2
    let sessions = SessionStore(options)
    _ = sessions.start()
    _ = sessions.start()
    try await Task.sleep(for: .milliseconds(60))
    #expect(sessions.start() != nil)
    #expect(sessions.count == 1)
    options.timeout = .seconds(600)
    let full = SessionStore(options)
    let one = try #require(full.start())
    _ = full.start()
    #expect(full.start() == nil)
    one["key"] = String(repeating: "x", count: 20_000)
    #expect(one["key"] == nil)
    for number in 0..<100 { one["\(number)"] = "x" }
    #expect(one["63"] == "x")
    #expect(one["64"] == nil)
  }

  @Test func `who is not let in gets no session, and who logs in does, however many have one`()
    async throws
  {
    var users = UserList()
    users.add("ann", PasswordHash(hashing: "x", method: .pbkdf2(iterationCount: 1000)))
    var options = SessionStore.Options()
    options.maximumCount = 2
    let ended = Record<Session.ID>()
    options.ended = { ended.append($0.id) }
    let sessions = SessionStore(options)
    try await withServer(configure: { configuration in
      configuration.http.sessions = sessions
      configuration.http.login("/login", users: users)
      configuration.http.get("/free") { .text($0.session?.id ?? "none") }
      configuration.http.get("/who") { .text($0.principal?.name ?? "nobody") }
      var policy = AccessPolicy()
      policy.users = users
      policy.exemptPaths = ["/login", "/free"]
      configuration.access = policy
    }) { _, address in
      let client = try await TestClient(to: address)
      for _ in 0..<3 {
        let reply = try await client.ask("/who")
        #expect(reply.status == 401)
        #expect(reply["Set-Cookie"] == nil)
      }
      #expect(sessions.count == 0)
      let oldest = try await client.ask("/free").text.dropLast()
      let other = try await client.ask("/free")
      #expect(try await client.ask("/free").text == "none\n")
      let reply = try await client.ask("POST", "/login", body: "user=ann&password=x")
      #expect(reply.status == 200)
      #expect(ended.all == [String(oldest)])
      let again = try await client.ask("/free", fields: ["Cookie: \(try cookie(other))"])
      #expect(again.text == other.text)
      let mine = try cookie(reply)
      #expect(try await client.ask("/who", fields: ["Cookie: \(mine)"]).text == "ann\n")
      // Nobody who has logged in makes room.
      #expect(try await client.ask("POST", "/login", body: "user=ann&password=x").status == 200)
      #expect(try await client.ask("POST", "/login", body: "user=ann&password=x").status == 503)
    }
  }

  @Test func `a login authenticates a session, for WebSockets too`() async throws {
    var users = UserList()
    users.add("ann", PasswordHash(hashing: "x", method: .pbkdf2(iterationCount: 1000)))
    var options = SessionStore.Options()
    options.queryName = "session"
    let sessions = SessionStore(options)
    try await withServer(configure: { configuration in
      configuration.http.sessions = sessions
      configuration.http.login("/login", users: users)
      configuration.http.get("/who") { .text($0.principal?.name ?? "nobody") }
      var policy = AccessPolicy()
      policy.users = users
      policy.exemptPaths = ["/login"]
      configuration.access = policy
    }) { _, address in
      let client = try await TestClient(to: address)
      #expect(
        try await client.ask("POST", "/login", body: "user=ann&password=y").status == 403)
      #expect(try await client.ask("POST", "/login", body: "nonsense").status == 400)
      let reply = try await client.ask("POST", "/login", body: "user=ann&password=x")
      #expect(reply.status == 200)
      let mine = try cookie(reply)
      #expect(try await client.ask("/who", fields: ["Cookie: \(mine)"]).text == "ann\n")
      #expect(try await client.ask("/who").status == 401)
      let parts = reply.text.split(separator: "\"")
      let token = try #require(parts.count == 5 ? parts[3] : nil, "\(reply.text)")
      let fresh = try await TestClient(to: address)
      try await fresh.open("/?session=\(token)")
      try await client.open(fields: ["Cookie: \(mine)"])
    }
  }
}
