import Transport

/// Which servers a client trusts, before it asks them anything (RFC 6455 §4.1).
extension Fault {
  static let clientTrustFaults: [Fault] = [
    Fault(
      .client, .handshake, "certificate-unchecked", "RFC 6455 §4.1",
      "It does not verify the server's certificate."
    ) { $0.changesTLS = { $0.verifiesPeer = false } },
    Fault(
      .client, .handshake, "certificate-name-unchecked", "RFC 6455 §4.1",
      "It takes a certificate that is for another server."
    ) { $0.changesTLS = { $0.unchecked = .name } },
    Fault(
      .client, .handshake, "certificate-dates-unchecked", "RFC 6455 §4.1",
      "It takes a certificate that has expired, or is not valid yet."
    ) { $0.changesTLS = { $0.unchecked = .dates } },
    Fault(
      .client, .handshake, "certificate-chain-unchecked", "RFC 6455 §4.1",
      "It takes a certificate whoever has issued it."
    ) { $0.changesTLS = { $0.unchecked = .chain } },
    Fault(
      .client, .handshake, "no-server-name", "RFC 6455 §4.1",
      "It does not say in TLS which server it wants."
    ) { $0.changesTLS = { $0.sendsServerName = false } },
    Fault(
      .client, .handshake, "credentials-follow-redirects", "RFC 9110 §15.4",
      "It follows redirects anywhere, and takes its credentials along."
    ) { $0.follows = { isSecure, _ in !isSecure } },
    Fault(
      .client, .handshake, "redirects-leave-tls", "RFC 9110 §15.4",
      "It follows redirects out of TLS, and takes its credentials along."
    ) { $0.follows = { isSecure, place in isSecure && place.hasPrefix("ws:") } },
  ]
}
