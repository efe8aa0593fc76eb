public import Transport

/// Why a server could not do what was asked of it as a whole.
public enum ServerError: Error, Sendable {
  /// The configuration names no listener.
  case noListeners
  /// A value of the configuration is out of range: what, and what is allowed.
  case invalidConfiguration(String)
  /// The server runs already.
  case alreadyStarted
  /// The server does not run.
  case notRunning
  /// An address could not be listened on; the listener's index in the configuration, and why.
  case listening(listener: Int, TransportError)
  /// A loop could not be made.
  case transport(TransportError)
}

extension ServerError: CustomStringConvertible {
  /// One line that says what to do.
  public var description: String {
    switch self {
    case .noListeners: "no address to listen on: name at least one listener"
    case .invalidConfiguration(let what): what
    case .alreadyStarted: "the server runs already: shut it down first"
    case .notRunning: "the server does not run: start it first"
    case .listening(_, let error), .transport(let error): "\(error)"
    }
  }

  /// One line for a person who did not set the server up.
  public var friendlyDescription: String {
    switch self {
    case .noListeners, .invalidConfiguration: "The server is not set up correctly."
    case .alreadyStarted: "The server is running already."
    case .notRunning: "The server is not running."
    case .listening(_, let error), .transport(let error): error.friendlyDescription
    }
  }
}
