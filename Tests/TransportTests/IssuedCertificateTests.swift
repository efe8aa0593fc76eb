import Testing

@testable import Transport

@Suite("Certificates made at run time")
struct IssuedCertificateTests {
  private func authority() throws -> IssuedCertificate {
    var description = IssuedCertificate.Description(commonName: "An authority", hostNames: [])
    description.isAuthority = true
    return try IssuedCertificate(description)
  }

  @Test func `one says what was wanted`() throws {
    let authority = try authority()
    var description = IssuedCertificate.Description(
      commonName: "localhost", hostNames: ["localhost", "::1"])
    description.firstDay = -3
    description.lastDay = 4
    let issued = try IssuedCertificate(description, issuedBy: authority)
    #expect(issued.certificate.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
    #expect(issued.key.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    let options = TLSServerOptions(
      identity: .pem(certificateChain: issued.certificate, privateKey: issued.key))
    let certificate = try #require(try TLSContext(server: options).certificates.first)
    #expect(certificate.subject == "CN=localhost")
    #expect(certificate.issuer == "CN=An authority")
    #expect(certificate.validUntil - certificate.validFrom == 7 * 86_400)
    #expect(
      try TLSContext(
        server: TLSServerOptions(
          identity: .pem(
            certificateChain: authority.certificate, privateKey: authority.key))
      ).certificates.first?.issuer == "CN=An authority")
  }

  @Test func `no two are alike`() throws {
    #expect(try authority() != authority())
  }

  @Test func `an issuer that is none is told`() throws {
    let nonsense = IssuedCertificate(certificate: "nonsense", key: "nonsense")
    let description = IssuedCertificate.Description(commonName: "a", hostNames: ["a"])
    let error = #expect(throws: TransportError.self) {
      try IssuedCertificate(description, issuedBy: nonsense)
    }
    #expect(error?.kind == .tlsConfiguration)
    #expect(error?.attempt == "make a certificate")
  }
}
