/// The status code of a Close frame, per RFC 6455 §7.4 and the IANA close code registry.
public struct CloseCode: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// The code as it stands on the wire.
  public let rawValue: UInt16

  /// Any code, permitted or not.
  @inlinable
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// Any code, permitted or not.
  @inlinable
  public init(integerLiteral value: UInt16) {
    rawValue = value
  }

  /// The purpose of the connection is fulfilled, RFC 6455 §7.4.1.
  public static let normalClosure: Self = 1000
  /// The endpoint goes away: a server shuts down, a page is left, RFC 6455 §7.4.1.
  public static let goingAway: Self = 1001
  /// The peer broke the protocol, RFC 6455 §7.4.1.
  public static let protocolError: Self = 1002
  /// The peer sent a kind of data that this endpoint does not take, RFC 6455 §7.4.1.
  public static let unsupportedData: Self = 1003
  /// Never sent: the Close frame carried no code, RFC 6455 §7.4.1.
  public static let noStatusReceived: Self = 1005
  /// Never sent: no Close frame came before the transport ended, RFC 6455 §7.4.1.
  public static let abnormalClosure: Self = 1006
  /// A message contradicts its type, such as text that is not UTF-8, RFC 6455 §7.4.1.
  public static let invalidPayloadData: Self = 1007
  /// The message breaks the endpoint's policy; also where no other code fits, RFC 6455 §7.4.1.
  public static let policyViolation: Self = 1008
  /// The message is too big for the endpoint, RFC 6455 §7.4.1.
  public static let messageTooBig: Self = 1009
  /// The client misses an extension in the server's answer, RFC 6455 §7.4.1.
  public static let mandatoryExtension: Self = 1010
  /// The server met a condition that keeps it from going on, RFC 6455 §7.4.1.
  public static let internalError: Self = 1011
  /// The service restarts; reconnect after a random wait of 5 to 30 s, IANA registry.
  public static let serviceRestart: Self = 1012
  /// The service is overloaded; try again later, IANA registry.
  public static let tryAgainLater: Self = 1013
  /// A gateway got an invalid response from the server behind it, IANA registry.
  public static let badGateway: Self = 1014
  /// Never sent: the TLS handshake failed, RFC 6455 §7.4.1.
  public static let tlsHandshake: Self = 1015
  /// The client is not who it has to be, IANA registry.
  public static let unauthorized: Self = 3000
  /// The client may not have what it asked for, IANA registry.
  public static let forbidden: Self = 3003
  /// The application's timeout has passed, IANA registry.
  public static let timeout: Self = 3008

  /// Whether an endpoint may put the code into a Close frame, per RFC 6455 §7.4.
  ///
  /// True for 1000 to 1003, 1007 to 1014, and the ranges for libraries and applications,
  /// 3000 to 4999.
  @inlinable public var isPermittedOnWire: Bool {
    switch rawValue {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }
}

extension CloseCode: CustomStringConvertible {
  /// The number.
  public var description: String { String(rawValue) }
}
