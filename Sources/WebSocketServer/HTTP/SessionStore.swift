import HTTP
import Synchronization
import Transport

/// State of one client over several requests, known by a cookie.
public final class Session: Sendable, Identifiable {
  private struct State {
    var values: [String: String] = [:]
    var principal: Principal?
    var isEnded = false
  }

  /// The longest key or value, and the most of them.
  static let valueByteCount = 16 << 10
  static let valueCount = 64

  /// The session's identifier, which nobody can guess.
  public let id: String
  private let state = Mutex(State())

  init(id: String) { self.id = id }

  /// A value that the application keeps; setting nil removes it.
  ///
  /// A value of more than 16 KiB, or the 65th one, is not kept.
  public subscript(_ key: String) -> String? {
    get { state.withLock { $0.values[key] } }
    set {
      state.withLock { state in
        guard let newValue else {
          state.values[key] = nil
          return
        }
        let isNew = state.values[key] == nil
        guard key.utf8.count + newValue.utf8.count <= Self.valueByteCount,
          !isNew || state.values.count < Self.valueCount
        else { return }
        state.values[key] = newValue
      }
    }
  }

  /// Who the client is, once it has logged in.
  public var principal: Principal? {
    get { state.withLock { $0.principal } }
    set { state.withLock { $0.principal = newValue } }
  }

  /// Ends the session: its cookie is worth nothing from now on.
  public func end() { state.withLock { $0.isEnded = true } }

  var isEnded: Bool { state.withLock { $0.isEnded } }
}

/// The sessions of a server: a signed cookie each, an end after some idle time, a bound on their number.
public final class SessionStore: Sendable {
  /// How sessions are kept.
  public struct Options: Sendable {
    /// The cookie's name.
    public var cookieName = "session"
    /// The name under which a session may stand in a URL, for clients that have no cookies; `nil`
    /// for none.
    public var queryName: String?
    /// For how long a session lives without a request.
    public var timeout: Duration = .seconds(20 * 60)
    /// How many there may be; beyond, clients get none, but who logs in takes the place of one who has not.
    public var maximumCount = 100_000
    /// Whether a client without one gets one with its first request.
    public var startsAutomatically = true
    /// Whether the cookie is for TLS only; `nil`: where the request came over TLS.
    public var isSecure: Bool?
    /// What the cookies are signed with; random by default, so that they end with the process.
    public var key = Cryptography.randomOctets(32)
    /// Is told of each session that begins.
    public var started: (@Sendable (Session) -> Void)?
    /// Is told of each session that ends, by time or by the application.
    public var ended: (@Sendable (Session) -> Void)?
    /// Is told of each request with a cookie that is forged or whose session has ended.
    public var invalid: (@Sendable (ServerRequest) -> Void)?

    /// The options as documented.
    public init() {}
  }

  private struct Kept {
    var session: Session
    var lastUse: ContinuousClock.Instant
  }

  private struct State {
    var sessions: [String: Kept] = [:]
    var lastSweep: ContinuousClock.Instant?

    /// What is lost least: a session that is over, or the longest unused of those without a principal.
    var leastMissed: Session? {
      let over = sessions.values.first { $0.session.isEnded }
      let anonymous = sessions.values.lazy.filter { $0.session.principal == nil }
      return (over ?? anonymous.min { $0.lastUse < $1.lastUse })?.session
    }
  }

  private let options: Options
  private let state = Mutex(State())

  /// An empty store.
  public init(_ options: Options = Options()) { self.options = options }

  /// How many sessions there are, some of which may be over.
  public var count: Int { state.withLock { $0.sessions.count } }

  /// Starts a session; `nil` when there are as many as there may be.
  /// - Parameter principal: Who has logged in; then the session longest unused of those without a
  ///   principal ends if there is no room else.
  /// - Returns: The session, or nil.
  public func start(for principal: Principal? = nil) -> Session? {
    let session = Session(id: Base64URL.encode(Cryptography.randomOctets(18)))
    session.principal = principal
    let now = ContinuousClock.now
    var ended = sweep(now)
    let (isIn, evicted) = state.withLock { state -> (Bool, Session?) in
      var evicted: Session?
      if state.sessions.count >= options.maximumCount {
        guard principal != nil, let least = state.leastMissed else { return (false, nil) }
        state.sessions[least.id] = nil
        evicted = least
      }
      state.sessions[session.id] = Kept(session: session, lastUse: now)
      return (true, evicted)
    }
    if let evicted {
      evicted.end()
      ended.append(evicted)
    }
    for session in ended { options.ended?(session) }
    guard isIn else { return nil }
    options.started?(session)
    return session
  }

  /// What stands in the cookie, or in a URL: the identifier and its signature.
  public func token(of session: Session) -> String {
    session.id + "." + signature(session.id)
  }

  /// The value of Set-Cookie that hands a session to a client.
  public func cookie(of session: Session, for request: ServerRequest) -> String? {
    guard var cookie = SetCookie(options.cookieName, token(of: session)) else { return nil }
    cookie.isSecure = options.isSecure ?? (request.tls != nil)
    return cookie.description
  }

  /// The session that a request belongs to, or nil; it counts as used.
  public func session(of request: ServerRequest) -> Session? {
    guard let token = token(in: request) else { return nil }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    let now = ContinuousClock.now
    guard parts.count == 2,
      Cryptography.isEqual(Array(parts[1].utf8), Array(signature(String(parts[0])).utf8))
    else {
      options.invalid?(request)
      return nil
    }
    let id = String(parts[0])
    let (found, over) = state.withLock { state -> (Session?, Session?) in
      guard let kept = state.sessions[id] else { return (nil, nil) }
      guard !kept.session.isEnded, now < kept.lastUse + options.timeout else {
        state.sessions[id] = nil
        return (nil, kept.session)
      }
      state.sessions[id]?.lastUse = now
      return (kept.session, nil)
    }
    if let over { options.ended?(over) }
    if found == nil { options.invalid?(request) }
    return found
  }

  /// Who the session of a request is.
  func principal(of request: ServerRequest) -> Principal? {
    guard var principal = session(of: request)?.principal else { return nil }
    principal.scheme = .session
    return principal
  }

  /// Gives an exchange its session, a new one if there is none, and its response the cookie.
  func attach(to exchange: HTTPExchange) {
    if let session = session(of: exchange.request) {
      exchange.request.session = session
      return
    }
    guard options.startsAutomatically, let session = start() else { return }
    exchange.request.session = session
    let request = exchange.request
    exchange.decorate = { [self] response in
      guard let cookie = cookie(of: session, for: request) else { return }
      response.fields.append(HTTPField(name: .setCookie, value: cookie))
    }
  }

  private func token(in request: ServerRequest) -> String? {
    if let value = Cookies.value(of: options.cookieName, in: request.fields) { return value }
    guard let name = options.queryName else { return nil }
    return request.target.queryValue(name)
  }

  private func signature(_ id: String) -> String {
    Base64URL.encode(Cryptography.hmacSHA256(Array(id.utf8), key: options.key))
  }

  /// Forgets the sessions that are over, at most once in a while.
  private func sweep(_ now: ContinuousClock.Instant) -> [Session] {
    state.withLock { state in
      let pause: Duration = state.sessions.count < options.maximumCount ? .seconds(30) : .seconds(1)
      if let last = state.lastSweep, now < last + min(options.timeout, pause) { return [] }
      state.lastSweep = now
      let over = state.sessions.values.filter {
        $0.session.isEnded || now >= $0.lastUse + options.timeout
      }
      for kept in over { state.sessions[kept.session.id] = nil }
      return over.map(\.session)
    }
  }
}

extension HTTPService {
  /// Adds a route at which users log in: a POST with a form of `user` and `password` gives a session
  /// that is authenticated, as a cookie and as a token for URLs.
  ///
  /// Needs ``sessions``, and the path among the policy's exempt ones. Log out by ending the session.
  public mutating func login(_ path: String, users: UserList) {
    guard let sessions else { preconditionFailure("a login needs sessions") }
    let passwords = PasswordChecker(users)
    let handler = HTTPHandler(maximumBodyByteCount: 8 << 10) { _ in
      LoginHandler(sessions, passwords)
    }
    route(.post, path, handler)
  }
}
