extension TransportError {
  /// One sentence for a person who knows neither sockets nor TLS.
  public var friendlyDescription: String {
    switch kind {
    case .connectionRefused: "Nobody answers there. Is the other program running?"
    case .connectionReset: "The other side has ended the connection."
    case .unreachable: "The other machine cannot be reached."
    case .timedOut: "The other side took too long to answer."
    case .nameNotFound: "There is no machine or service of that name."
    case .nameServerFailed: "Names cannot be looked up at the moment. Try again later."
    case .addressInUse: "Another program is already using this address."
    case .addressNotAvailable: "This machine does not have that address."
    case .invalidAddress: "That is not a usable address."
    case .permissionDenied: "This program is not allowed to do that."
    case .noDescriptors: "Too many connections are open."
    case .noMemory: "There is not enough memory."
    case .fileNotUsable: "A file that is needed is missing or cannot be read."
    case .loopStopped: "The program is shutting down."
    case .tlsUntrusted: "The other side's certificate is not from anyone trusted."
    case .tlsWrongName: "The other side's certificate is for another name."
    case .tlsExpired: "The other side's certificate is not valid at this time."
    case .tlsProtocol, .notTLS: "No secure connection could be agreed on."
    case .tlsConfiguration: "The certificate or its key cannot be used."
    case .other: "The network connection does not work."
    }
  }
}
