/// What the sender of a head did wrong, and the status that answers it.
public struct HeadError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The status a server answers with: 400, 414, 431, 501 or 505.
  public let status: HTTPResponse.Status
  /// What was wrong, in one line without octets of the peer's.
  public let reason: String

  /// Makes an error from a status and a line of explanation.
  public init(_ status: HTTPResponse.Status, _ reason: String) {
    self.status = status
    self.reason = reason
  }

  /// The status code and the reason in one line.
  public var description: String { "\(status.code): \(reason)" }

  static func malformed(_ reason: String) -> HeadError {
    HeadError(.badRequest, reason)
  }
}
