import HTTP
import Synchronization
import Transport

/// Decides on every request of a server before anything else is done with it.
final class Gate: Sendable {
  /// What is done with the request.
  enum Decision: Sendable {
    case admit(Principal?)
    case respond(ServerResponse)
  }

  typealias Completion = @Sendable (Decision) -> Void

  private let policy: AccessPolicy
  private let service: HTTPService
  private let sessions: SessionStore?
  private let exempt: [RoutePattern]
  private let scopes: [(pattern: RoutePattern, scope: String)]
  private let requests: RateLimiter?
  private let failures: RateLimiter?
  private let passwords: PasswordChecker?

  /// `nil` where there is nothing to decide.
  init?(_ policy: AccessPolicy?, _ service: HTTPService) {
    guard policy != nil || service.screen != nil || service.forwardsUpgrades else { return nil }
    let policy = policy ?? AccessPolicy()
    self.policy = policy
    self.service = service
    sessions = service.sessions
    exempt = policy.exemptPaths.map { RoutePattern($0) }
    scopes = policy.requiredScopes.map { (RoutePattern($0.path), $0.scope) }
    let limits = policy.rateLimits
    requests = limits?.requestsPerMinute.map {
      RateLimiter(perMinute: $0, capacity: limits?.trackedNetworkCount ?? 1)
    }
    failures = limits?.failuresPerMinute.map {
      RateLimiter(perMinute: $0, capacity: limits?.trackedNetworkCount ?? 1)
    }
    passwords = policy.users.map { PasswordChecker($0) }
  }

  /// Decides at once or later, on the loop in either case.
  func decide(
    _ request: ServerRequest, on loop: EventLoop, _ completion: @escaping Completion
  ) {
    if let wait = requests?.take(request.peerAddress, at: loop.now) {
      return completion(.respond(Self.tooMany(wait)))
    }
    if let screen = service.screen {
      switch screen(request) {
      case .proceed: break
      case .exempt: return completion(.admit(nil))
      case .respond(let response): return completion(.respond(response))
      }
    }
    if request.isUpgrade, !policy.origins.allows(request) {
      return completion(
        .respond(.text("Pages of this origin may not connect.", status: .forbidden)))
    }
    guard policy.authenticates, !isExempt(request) else { return completion(.admit(nil)) }
    if let wait = penalty(of: request, at: loop.now) {
      return completion(.respond(Self.tooMany(wait)))
    }
    authenticate(request, on: loop) { [self] outcome in
      switch outcome {
      case .admit(let principal):
        completion(authorize(principal, request))
      case .reject:
        noteFailure(of: request, at: loop.now)
        completion(.respond(policy.unauthorized("These credentials are not good.")))
      case .respond(let response): completion(.respond(response))
      }
    }
  }

  /// How long a client must wait after too many failures; `nil`: not at all.
  func penalty(of request: ServerRequest, at now: ContinuousClock.Instant) -> Duration? {
    failures?.take(request.peerAddress, at: now, peeks: true)
  }

  /// Counts a failure.
  func noteFailure(of request: ServerRequest, at now: ContinuousClock.Instant) {
    _ = failures?.take(request.peerAddress, at: now)
  }

  private func isExempt(_ request: ServerRequest) -> Bool {
    guard !exempt.isEmpty, let segments = request.target.segments else { return false }
    return exempt.contains { $0.match(segments) != nil }
  }

  private func authorize(_ principal: Principal, _ request: ServerRequest) -> Decision {
    // The server as a whole, `*`, is what only a pattern for everything matches.
    let segments = request.target.segments ?? []
    // Many handlers, and servers behind us, take `/admin/` for `/admin`.
    let bare = segments.count > 1 && segments.last == "" ? segments.dropLast() : segments
    let slashed = bare + [""]
    guard
      let needed = scopes.first(where: { scope in
        [bare, slashed].contains { scope.pattern.match($0) != nil }
      })?.scope,
      !principal.scopes.contains(needed)
    else { return .admit(principal) }
    var response = ServerResponse.text(
      "This needs the scope \(needed).", status: .forbidden)
    response.fields[.wwwAuthenticate] =
      Challenge(
        "Bearer", ["realm": policy.realm, "error": "insufficient_scope", "scope": needed]
      ).description
    return .respond(response)
  }

  // MARK: Who it is

  private func authenticate(
    _ request: ServerRequest, on loop: EventLoop,
    _ completion: @escaping @Sendable (AccessPolicy.Outcome) -> Void
  ) {
    if policy.acceptsCertificates, let name = request.tls?.peerCertificate?.commonName {
      return completion(.admit(Principal(name, scheme: .certificate)))
    }
    if policy.acceptsSessions, let principal = sessions?.principal(of: request) {
      return completion(.admit(principal))
    }
    if let keys = policy.keys, let key = key(in: request, keys) {
      let principal = keys.verify(key, at: WallClock.seconds)
      return completion(principal.map { .admit($0) } ?? .reject)
    }
    guard let value = request.fields.single(.authorization) else {
      guard !request.fields.contains(.authorization) else { return completion(.reject) }
      return authenticateByURL(request, on: loop, completion)
    }
    guard let credentials = Credentials(value) else { return completion(.reject) }
    verify(credentials, request, on: loop, completion)
  }

  /// Without any credentials the client is told which to bring; that is no failure.
  private func authenticateByURL(
    _ request: ServerRequest, on loop: EventLoop,
    _ completion: @escaping @Sendable (AccessPolicy.Outcome) -> Void
  ) {
    guard policy.acceptsURLCredentials, let user = request.target.queryValue("user"),
      let password = request.target.queryValue("password")
    else {
      return completion(.respond(policy.unauthorized("Say who you are.")))
    }
    verify(.basic(user: user, password: password), request, on: loop) { outcome in
      guard case .admit(var principal) = outcome else { return completion(outcome) }
      principal.scheme = .url
      completion(.admit(principal))
    }
  }

  private func key(in request: ServerRequest, _ keys: APIKeys) -> String? {
    if let name = keys.fieldName.flatMap({ HTTPField.Name($0) }),
      let key = request.fields.single(name)
    {
      return key
    }
    if let name = keys.queryName, let key = request.target.queryValue(name) { return key }
    // A bearer token is a key, unless a hook knows other tokens too.
    guard policy.verifyBearer == nil || keys.verify(bearer(request) ?? "", at: 0) != nil else {
      return nil
    }
    return bearer(request)
  }

  private func bearer(_ request: ServerRequest) -> String? {
    guard let value = request.fields.single(.authorization),
      case .bearer(let token)? = Credentials(value)
    else { return nil }
    return token
  }

  private func verify(
    _ credentials: Credentials, _ request: ServerRequest, on loop: EventLoop,
    _ completion: @escaping @Sendable (AccessPolicy.Outcome) -> Void
  ) {
    let hook: AccessPolicy.Verify?
    switch credentials {
    case .basic(let user, let password):
      if policy.verifyBasic == nil, let passwords {
        return passwords.check(user, password, on: loop, completion)
      }
      hook = policy.verifyBasic
    case .bearer: hook = policy.verifyBearer
    case .other: hook = policy.verifyOther
    }
    guard let hook else { return completion(.reject) }
    Task {
      let outcome = await hook(request, credentials)
      loop.execute { completion(outcome) }
    }
  }

  static func tooMany(_ wait: Duration) -> ServerResponse {
    .text(
      "You ask too often.", status: .tooManyRequests,
      fields: [.retryAfter: "\(max(1, Int((wait / .seconds(1)).rounded(.up))))"])
  }
}

/// Verifies passwords on a thread of its own, since that is slow on purpose, and remembers good ones.
final class PasswordChecker: Sendable {
  private struct State {
    /// Digests, under a key of this process, of credentials that were good; with when.
    var known: [[UInt8]: (principal: Principal, time: ContinuousClock.Instant)] = [:]
    var thread: EventLoop?
  }

  private static let knownCount = 4096
  private static let lifetime = Duration.seconds(300)
  /// So many may wait for their turn; those beyond are told to come back.
  private static let queueCount = 64
  private let users: UserList
  private let secret = Cryptography.randomOctets(32)
  private let state = Mutex(State())
  private let waiting = Atomic<Int>(0)

  init(_ users: UserList) { self.users = users }

  deinit { state.withLock { $0.thread }?.stop() }

  func check(
    _ user: String, _ password: String, on loop: EventLoop,
    _ completion: @escaping @Sendable (AccessPolicy.Outcome) -> Void
  ) {
    let digest = Cryptography.hmacSHA256(Array("\(user)\0\(password)".utf8), key: secret)
    let now = loop.now
    let (known, thread) = state.withLock { state -> (Principal?, EventLoop?) in
      if let found = state.known[digest], now < found.time + Self.lifetime {
        return (found.principal, nil)
      }
      if state.thread == nil { state.thread = Self.startThread() }
      return (nil, state.thread)
    }
    if let known { return completion(.admit(known)) }
    // Without a thread now, there may be one the next time.
    guard let thread, waiting.load(ordering: .relaxed) < Self.queueCount else {
      return completion(
        .respond(
          .text(
            "Too many want to come in; come back later.", status: .serviceUnavailable,
            fields: [.retryAfter: "5"])))
    }
    waiting.add(1, ordering: .relaxed)
    thread.execute { [self] in
      let principal = users.verify(user, password)
      waiting.subtract(1, ordering: .relaxed)
      if let principal {
        state.withLock { state in
          if state.known.count >= Self.knownCount { state.known.removeAll() }
          state.known[digest] = (principal, now)
        }
      }
      loop.execute { completion(principal.map { .admit($0) } ?? .reject) }
    }
  }

  /// A loop whose thread runs; `nil` where the system has none to give.
  private static func startThread() -> EventLoop? {
    guard let thread = try? EventLoop(name: "gauntlet-pass"), (try? thread.start()) != nil else {
      return nil
    }
    thread.detach()
    return thread
  }
}
