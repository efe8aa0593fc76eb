internal import COpenSSL
internal import Glibc

/// What OpenSSL's error queue of this thread says.
enum TLSErrors {
  /// Empties the queue, so that the next failure speaks for itself.
  static func clear() { ERR_clear_error() }

  /// Takes the queue's oldest entry and empties the rest: its reason code and text.
  static func take() -> (library: Int32, reason: Int32, text: String)? {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0 else { return nil }
    // System errors carry an errno in place of a reason (ERR_SYSTEM_ERROR).
    if code & 0x8000_0000 != 0 {
      let number = Int32(truncatingIfNeeded: code & 0x7fff_ffff)
      return (2, number, TransportError(errno: number, attempt: "").detail)
    }
    let library = Int32(truncatingIfNeeded: (code >> 23) & 0xff)
    let reason = Int32(truncatingIfNeeded: code & 0x7f_ffff)
    guard let text = unsafe ERR_reason_error_string(code) else {
      return (library, reason, "OpenSSL error \(code)")
    }
    return (library, reason, unsafe String(cString: text))
  }

  /// Whether the queue's newest entry is that no further PEM block begins.
  static var isMissingStart: Bool {
    let code = ERR_peek_last_error()
    return Int32(truncatingIfNeeded: (code >> 23) & 0xff) == ERR_LIB_PEM
      && Int32(truncatingIfNeeded: code & 0x7f_ffff) == PEM_R_NO_START_LINE
  }

  /// An error of reading what may be encrypted.
  static func encrypted(_ attempt: String, hasPassPhrase: Bool) -> TransportError {
    let code = ERR_peek_error()
    let library = Int32(truncatingIfNeeded: (code >> 23) & 0xff)
    let reason = Int32(truncatingIfNeeded: code & 0x7f_ffff)
    let isPhrase =
      (library == ERR_LIB_PEM
        && [PEM_R_BAD_PASSWORD_READ, PEM_R_BAD_DECRYPT].contains(reason))
      || (library == ERR_LIB_PKCS12 && reason == PKCS12_R_MAC_VERIFY_FAILURE)
      || library == ERR_LIB_PROV
      // ERR_R_INTERRUPTED_OR_CANCELLED: nobody answered the question for it.
      || (!hasPassPhrase && reason & 0xffff == 265)
    guard isPhrase else { return configuration(attempt) }
    clear()
    return TransportError(
      .tlsConfiguration, attempt: attempt,
      detail: hasPassPhrase
        ? "the pass phrase is wrong" : "it is encrypted: give its pass phrase")
  }

  /// An error of setting TLS up, from what the queue says.
  static func configuration(_ attempt: String) -> TransportError {
    guard let error = take() else {
      return TransportError(.tlsConfiguration, attempt: attempt, detail: "OpenSSL does not say why")
    }
    if error.library == 2 {
      var failure = TransportError(errno: error.reason, attempt: attempt)
      if error.reason == EACCES { failure.kind = .fileNotUsable }
      return failure
    }
    let text = error.reason == PEM_R_NO_START_LINE ? "no PEM block of that kind in it" : error.text
    return TransportError(.tlsConfiguration, attempt: attempt, detail: text)
  }

  /// Why a handshake has failed.
  static func handshake(
    _ session: TLSSession, attempt: String, verification: Int
  ) -> TransportError {
    let entry = take()
    if verification != Int(X509_V_OK), entry?.reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
      return certificate(verification, attempt: attempt)
    }
    guard let entry else {
      if session.hasReadEnd {
        return TransportError(
          .tlsProtocol, attempt: attempt,
          detail: "the peer ended the connection while TLS was agreed on")
      }
      let code = session.failure == 0 ? ECONNRESET : session.failure
      return TransportError(errno: code, attempt: attempt)
    }
    switch entry.reason {
    case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST,
      SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_BAD_RECORD_TYPE:
      return TransportError(
        .notTLS, attempt: attempt, detail: "the peer does not speak TLS there (\(entry.text))")
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return TransportError(
        .tlsProtocol, attempt: attempt,
        detail: "the peer ended the connection while TLS was agreed on")
    default:
      return TransportError(.tlsProtocol, attempt: attempt, detail: "TLS: \(entry.text)")
    }
  }

  private static func certificate(_ result: Int, attempt: String) -> TransportError {
    let code = Int32(result)
    let kind: TransportError.Kind =
      switch code {
      case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .tlsWrongName
      case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID: .tlsExpired
      default: .tlsUntrusted
      }
    let text = unsafe String(cString: X509_verify_cert_error_string(result))
    return TransportError(kind, attempt: attempt, detail: "the server's certificate: \(text)")
  }
}
