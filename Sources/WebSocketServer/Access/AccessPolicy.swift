public import HTTP

/// Who may come in: for WebSockets and for ordinary requests alike.
///
/// The order: how often the client asks, the hook before any request (`HTTPService.screen`), the origin
/// of a WebSocket, the paths that everybody may ask for, then who the client is and what it may do.
public struct AccessPolicy: Sendable {
  /// What a hook finds out about credentials.
  public enum Outcome: Sendable {
    /// They are good.
    case admit(Principal)
    /// They are not: 401 with the challenges.
    case reject
    /// The response is the hook's own.
    case respond(ServerResponse)
  }

  /// Decides on credentials; runs as a task.
  public typealias Verify = @Sendable (ServerRequest, Credentials) async -> Outcome

  /// What the challenge calls the protected space.
  public var realm = "gauntlet"
  /// Users who show a name and a password (RFC 7617).
  public var users: UserList?
  /// Keys that come as a bearer token, in a field, or in the URL.
  public var keys: APIKeys?
  /// Whether a name and a password may stand in the query, as `user` and `password`, for clients that
  /// cannot set fields; URLs are logged in many places.
  public var acceptsURLCredentials = false
  /// Whether a session that was authenticated before is enough (see ``HTTPService/sessions``).
  public var acceptsSessions = true
  /// Whether a verified client certificate is enough; its common name is the principal's.
  public var acceptsCertificates = false
  /// Decides on names and passwords instead of the list.
  public var verifyBasic: Verify?
  /// Decides on bearer tokens that are no key.
  public var verifyBearer: Verify?
  /// Decides on credentials of schemes that are not known here.
  public var verifyOther: Verify?
  /// Challenges beside those that follow from the above.
  public var challenges: [Challenge] = []
  /// Paths that everybody may ask for; patterns as of routes.
  public var exemptPaths: [String] = []
  /// The scope that a path asks for, the first match counting; patterns as of routes.
  ///
  /// A slash at the end changes nothing here: `/admin` covers `/admin/` too, and the other way round.
  /// What is below it only `/admin/*` covers, which covers `/admin` as well.
  public var requiredScopes: [(path: String, scope: String)] = []
  /// From which pages WebSockets may be opened.
  public var origins = OriginPolicy()
  /// How often a client may ask, and fail.
  public var rateLimits: RateLimits?

  /// A policy that lets everybody in.
  public init() {}

  /// Whether anybody is asked who he is.
  var authenticates: Bool {
    users != nil || keys != nil || acceptsCertificates || verifyBasic != nil || verifyBearer != nil
      || verifyOther != nil
  }

  /// The challenges of a 401.
  var allChallenges: [Challenge] {
    var list: [Challenge] = []
    if users != nil || verifyBasic != nil {
      list.append(Challenge("Basic", ["realm": realm, "charset": "UTF-8"]))
    }
    if keys != nil || verifyBearer != nil { list.append(Challenge("Bearer", ["realm": realm])) }
    return list + challenges
  }

  /// The response to a client who is not let in.
  func unauthorized(_ reason: String) -> ServerResponse {
    var response = ServerResponse.text(reason, status: .unauthorized)
    for challenge in allChallenges {
      response.fields.append(HTTPField(name: .wwwAuthenticate, value: challenge.description))
    }
    return response
  }
}
