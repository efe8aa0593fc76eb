import HTTP
import Reports
import Transport
import WebSocketProtocol

/// What is written down of a connection that was made.
extension ConnectReport {
  /// Notes what was agreed on.
  mutating func noteAgreements(_ established: ClientHandshake.Established, isOffered: Bool) {
    serverHeader = established.head.fields[.server]
    var facts: [Fact] = []
    if let subprotocol = established.subprotocol { facts.append(Fact("subprotocol", subprotocol)) }
    if let agreement = established.compression {
      var text = "permessage-deflate"
      if agreement.serverNoContextTakeover { text += "; server_no_context_takeover" }
      if agreement.clientNoContextTakeover { text += "; client_no_context_takeover" }
      text += "; server_max_window_bits=\(agreement.serverMaxWindowBits)"
      text += "; client_max_window_bits=\(agreement.clientMaxWindowBits)"
      facts.append(Fact("compression", text))
    } else if isOffered {
      facts.append(.compressionDeclined)
    }
    agreements = facts
  }
}

extension CloseReason {
  /// The words of a connection whose handshake nobody answered.
  static var unansweredWords: String { "no response to the opening handshake in time" }

  /// Whether TCP or TLS was waited for as long as may be.
  var isConnectTimeout: Bool {
    guard case .connectFailed(let error) = self else { return false }
    return error.kind == .timedOut
  }

  /// Why a connection could not be opened; `lastWords` is what the peer said, if it did.
  func openingFailure(lastWords: String?) -> (kind: ErrorCount.Kind, words: String) {
    if let lastWords { return (.upgradeFailed, lastWords) }
    guard case .connectFailed(let error) = self else {
      return (.upgradeFailed, "the server ended the connection during the opening handshake")
    }
    switch error.kind {
    case .tlsUntrusted, .tlsWrongName, .tlsExpired, .tlsProtocol, .notTLS, .tlsConfiguration:
      return (.tlsFailed, error.description)
    default:
      return (.connectFailed, error.description)
    }
  }

  /// How a connection under load ended, in words.
  var loadWords: String {
    switch self {
    case .peerReset: "the server reset the connection"
    case .failed(let error), .connectFailed(let error): error.description
    case .local, .endOfStream, .lingerExpired: "the server ended the connection without a Close"
    case .aborted, .loopStopped: "the connection was aborted"
    }
  }
}
