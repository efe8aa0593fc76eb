public import Transport

/// Why a server could not start.
public enum ServerError: Error, Sendable {
  /// The configuration names no listener.
  case noListeners
  /// A value of the configuration is out of range: what, and what is allowed.
  case invalidConfiguration(String)
  /// The server was started before.
  case alreadyStarted
  /// An address could not be listened on, or a loop not be made.
  case transport(TransportError)
}

extension ServerError: CustomStringConvertible {
  /// One line that says what to do.
  public var description: String {
    switch self {
    case .noListeners: "no address to listen on: name at least one listener"
    case .invalidConfiguration(let what): what
    case .alreadyStarted: "the server was started before: make a new one"
    case .transport(let error): "\(error)"
    }
  }
}
