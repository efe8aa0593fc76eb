import HTTP
import Transport
import WebSocketProtocol

/// Takes a form with a name and a password, and authenticates the session.
final class LoginHandler: ExchangeHandler {
  private let sessions: SessionStore
  private let passwords: PasswordChecker
  private var body: [UInt8] = []

  init(_ sessions: SessionStore, _ passwords: PasswordChecker) {
    self.sessions = sessions
    self.passwords = passwords
  }

  func received(_ content: Span<UInt8>, in exchange: HTTPExchange) { content.append(to: &body) }

  func requestEnded(trailers: HTTPFields, in exchange: HTTPExchange) {
    let items = PercentEncoding.formItems(String(decoding: body, as: UTF8.self))
    guard let user = items.first(where: { $0.name == "user" })?.value,
      let password = items.first(where: { $0.name == "password" })?.value
    else {
      return exchange.respond(
        .text("Send a form with user and password.", status: .badRequest))
    }
    let gate = exchange.connection?.host.context.gate
    let request = exchange.request
    if let wait = gate?.penalty(of: request, at: exchange.loop.now) {
      return exchange.respond(Gate.tooMany(wait))
    }
    let held = LoopBound(exchange, on: exchange.loop)
    let sessions = self.sessions
    passwords.check(user, password, on: exchange.loop) { outcome in
      switch outcome {
      case .admit(let principal): Self.logIn(principal, sessions, held.value)
      case .reject:
        gate?.noteFailure(of: request, at: held.loop.now)
        held.value.respond(.text("These credentials are not good.", status: .forbidden))
      case .respond(let response): held.value.respond(response)
      }
    }
  }

  /// A session that was there before the login gets a new name, lest somebody else knows the old one.
  private static func logIn(
    _ principal: Principal, _ sessions: SessionStore, _ exchange: HTTPExchange
  ) {
    exchange.request.session?.end()
    guard let session = sessions.start(for: principal) else {
      return exchange.respond(
        .text("There are too many sessions.", status: .serviceUnavailable))
    }
    let token = sessions.token(of: session)
    exchange.decorate = nil
    var response = ServerResponse.json(Array("{\"token\":\"\(token)\"}\n".utf8))
    if let cookie = sessions.cookie(of: session, for: exchange.request) {
      response.fields[.setCookie] = cookie
    }
    response.fields[.cacheControl] = "no-store"
    exchange.respond(response)
  }
}
