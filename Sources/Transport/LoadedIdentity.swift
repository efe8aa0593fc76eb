internal import COpenSSL
internal import Glibc

/// A certificate with its key and chain, as OpenSSL has them; owns what it refers to.
@safe struct LoadedIdentity: ~Copyable {
  let certificate: OpaquePointer
  let key: OpaquePointer
  /// The issuers' certificates.
  let chain: OpaquePointer
  /// Where the certificate and the key are from, for messages.
  let names: (certificate: String, key: String)

  deinit {
    unsafe X509_free(certificate)
    unsafe EVP_PKEY_free(key)
    unsafe tls_free_certificates(chain)
  }

  private init(
    certificate: OpaquePointer, key: OpaquePointer, chain: OpaquePointer,
    names: (certificate: String, key: String)
  ) {
    unsafe self.certificate = certificate
    unsafe self.key = key
    unsafe self.chain = chain
    self.names = names
  }

  /// Reads an identity from where it is.
  static func load(
    _ identity: TLSIdentity, passPhrase: String?
  ) throws(TransportError) -> LoadedIdentity {
    switch identity {
    case .files(let chain, let key):
      let attempts = ("use the certificate \(chain)", "use the private key \(key)")
      return try fromPEM(
        try FileContents.read(chain, attempt: attempts.0),
        try FileContents.read(key, attempt: attempts.1), passPhrase, (chain, key))
    case .bundle(let file):
      let octets = try FileContents.read(file, attempt: "use the certificate \(file)")
      return try fromPEM(octets, octets, passPhrase, (file, file))
    case .pem(let chain, let key):
      return try fromPEM(
        Array(chain.utf8), Array(key.utf8), passPhrase, ("given as text", "given as text"))
    case .pkcs12(let file):
      let octets = try FileContents.read(file, attempt: "use the PKCS#12 file \(file)")
      return try fromPKCS12(octets, passPhrase, file)
    case .pkcs12Octets(let octets):
      return try fromPKCS12(octets, passPhrase, "given as octets")
    case .store(let certificate, let key):
      return try fromStore(certificate, key, passPhrase)
    case .selfSigned(let hostNames):
      return try selfSigned(hostNames)
    }
  }

  // MARK: PEM

  private static func fromPEM(
    _ chainOctets: [UInt8], _ keyOctets: [UInt8], _ passPhrase: String?,
    _ names: (certificate: String, key: String)
  ) throws(TransportError) -> LoadedIdentity {
    TLSErrors.clear()
    let certificates = unsafe try PEMReader.certificates(
      in: chainOctets, attempt: "use the certificate \(names.certificate)")
    guard let certificate = unsafe tls_certificate(certificates, 0) else {
      unsafe tls_free_certificates(certificates)
      throw TLSErrors.configuration("use the certificate \(names.certificate)")
    }
    unsafe X509_up_ref(certificate)
    do throws(TransportError) {
      let key = unsafe try PEMReader.privateKey(
        in: keyOctets, passPhrase, attempt: "use the private key \(names.key)")
      return unsafe LoadedIdentity(
        certificate: certificate, key: key, chain: withoutFirst(certificates), names: names)
    } catch {
      unsafe X509_free(certificate)
      unsafe tls_free_certificates(certificates)
      throw error
    }
  }

  /// The issuers: all certificates but the first; the stack is taken over.
  private static func withoutFirst(_ stack: OpaquePointer) -> OpaquePointer {
    guard let rest = unsafe tls_new_certificates() else { return unsafe stack }
    for index in 1..<max(1, unsafe tls_count(stack)) {
      guard let certificate = unsafe tls_certificate(stack, index) else { continue }
      unsafe X509_up_ref(certificate)
      _ = unsafe tls_append(rest, certificate)
    }
    unsafe tls_free_certificates(stack)
    return unsafe rest
  }

  // MARK: PKCS#12

  private static func fromPKCS12(
    _ octets: [UInt8], _ passPhrase: String?, _ name: String
  ) throws(TransportError) -> LoadedIdentity {
    let attempt = "use the PKCS#12 file \(name)"
    TLSErrors.clear()
    let bio = unsafe try PEMReader.source(of: octets, attempt: attempt)
    defer { unsafe BIO_free(bio) }
    guard let archive = unsafe d2i_PKCS12_bio(bio, nil) else {
      TLSErrors.clear()
      throw TransportError(.tlsConfiguration, attempt: attempt, detail: "it is no PKCS#12")
    }
    defer { unsafe PKCS12_free(archive) }
    var key: OpaquePointer?
    var certificate: OpaquePointer?
    var chain: OpaquePointer?
    guard unsafe PKCS12_parse(archive, passPhrase ?? "", &key, &certificate, &chain) == 1 else {
      throw TLSErrors.encrypted(attempt, hasPassPhrase: passPhrase != nil)
    }
    guard let key = unsafe key, let certificate = unsafe certificate,
      let issuers = unsafe chain ?? tls_new_certificates()
    else {
      unsafe EVP_PKEY_free(key)
      unsafe X509_free(certificate)
      unsafe tls_free_certificates(chain)
      throw TransportError(
        .tlsConfiguration, attempt: attempt, detail: "it lacks a certificate or a private key")
    }
    return unsafe LoadedIdentity(
      certificate: certificate, key: key, chain: issuers, names: (name, name))
  }

  // MARK: Stores

  private static func fromStore(
    _ certificateURI: String, _ keyURI: String, _ passPhrase: String?
  ) throws(TransportError) -> LoadedIdentity {
    let attempt = "use the certificate \(certificateURI)"
    let stack = unsafe try StoreReader.read(certificateURI, passPhrase, attempt: attempt)
    defer { unsafe EVP_PKEY_free(stack.key) }
    guard unsafe tls_count(stack.certificates) > 0,
      let certificate = unsafe tls_certificate(stack.certificates, 0)
    else {
      unsafe tls_free_certificates(stack.certificates)
      throw TransportError(.tlsConfiguration, attempt: attempt, detail: "no certificate is there")
    }
    unsafe X509_up_ref(certificate)
    let chain = unsafe withoutFirst(stack.certificates)
    do throws(TransportError) {
      let keyAttempt = "use the private key \(keyURI)"
      let found = unsafe try StoreReader.read(keyURI, passPhrase, attempt: keyAttempt)
      unsafe tls_free_certificates(found.certificates)
      guard let key = unsafe found.key else {
        throw TransportError(
          .tlsConfiguration, attempt: keyAttempt, detail: "no private key is there")
      }
      return unsafe LoadedIdentity(
        certificate: certificate, key: key, chain: chain, names: (certificateURI, keyURI))
    } catch {
      unsafe X509_free(certificate)
      unsafe tls_free_certificates(chain)
      throw error
    }
  }

  // MARK: Self-signed

  private static func selfSigned(_ hostNames: [String]) throws(TransportError) -> LoadedIdentity {
    var description = IssuedCertificate.Description(
      commonName: hostNames.first ?? "localhost", hostNames: hostNames)
    description.lastDay = 365
    let made = try IssuedCertificate(description)
    let name = "of its own making"
    return try fromPEM(Array(made.certificate.utf8), Array(made.key.utf8), nil, (name, name))
  }
}
