internal import COpenSSL
internal import Glibc

/// A certificate with its key, as PEM text: made at run time, to find out what peers verify.
public struct IssuedCertificate: Hashable, Sendable {
  /// What a certificate is to say.
  public struct Description: Hashable, Sendable {
    /// The subject's common name.
    public var commonName: String
    /// The host names and addresses that it is for (RFC 5280 §4.2.1.6).
    public var hostNames: [String]
    /// When it becomes valid, in days from now.
    public var firstDay = -1
    /// When it ends, in days from now.
    public var lastDay = 30
    /// Whether it may issue others (RFC 5280 §4.2.1.9).
    public var isAuthority = false
    /// What else it may be used for, as OpenSSL writes it (RFC 5280 §4.2.1.12).
    public var purpose = "serverAuth"

    /// A certificate of a server with these names.
    public init(commonName: String, hostNames: [String]) {
      self.commonName = commonName
      self.hostNames = hostNames
    }
  }

  /// The certificate.
  public let certificate: String
  /// Its private key.
  public let key: String

  /// A certificate with a key, which need not fit: what it issues is forged then.
  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  /// Makes a certificate as described, issued by `issuer`; nil: by itself.
  ///
  /// - Throws: `tlsConfiguration`, if OpenSSL cannot.
  public init(
    _ description: Description, issuedBy issuer: IssuedCertificate? = nil
  ) throws(TransportError) {
    let attempt = "make a certificate"
    TLSErrors.clear()
    guard let key = unsafe tls_new_p256_key() else { throw TLSErrors.configuration(attempt) }
    defer { unsafe EVP_PKEY_free(key) }
    guard let made = unsafe X509_new() else { throw TLSErrors.configuration(attempt) }
    defer { unsafe X509_free(made) }
    let serial = Cryptography.randomOctets(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    unsafe X509_set_version(made, 2)
    unsafe ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), serial >> 1 | 1)
    unsafe X509_gmtime_adj(X509_getm_notBefore(made), description.firstDay * 86_400)
    unsafe X509_gmtime_adj(X509_getm_notAfter(made), description.lastDay * 86_400)
    unsafe X509_set_pubkey(made, key)
    let subject = unsafe X509_get_subject_name(made)
    let name = Array(description.commonName.utf8.prefix(64))
    unsafe X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_FLAG, name, Int32(name.count), -1, 0)
    guard let issuer else {
      unsafe X509_set_issuer_name(made, subject)
      unsafe try Self.extend(made, as: description, issuer: made, attempt)
      unsafe try self.init(signing: made, of: key, with: key, attempt)
      return
    }
    let chain = unsafe try PEMReader.certificates(
      in: Array(issuer.certificate.utf8), attempt: attempt)
    defer { unsafe tls_free_certificates(chain) }
    let issuerKey = unsafe try PEMReader.privateKey(
      in: Array(issuer.key.utf8), nil, attempt: attempt)
    defer { unsafe EVP_PKEY_free(issuerKey) }
    guard let parent = unsafe tls_certificate(chain, 0) else {
      throw TLSErrors.configuration(attempt)
    }
    unsafe X509_set_issuer_name(made, X509_get_subject_name(parent))
    unsafe try Self.extend(made, as: description, issuer: parent, attempt)
    unsafe try self.init(signing: made, of: key, with: issuerKey, attempt)
  }

  private init(
    signing made: OpaquePointer, of key: OpaquePointer, with issuerKey: OpaquePointer,
    _ attempt: String
  ) throws(TransportError) {
    guard unsafe X509_sign(made, issuerKey, EVP_sha256()) > 0 else {
      throw TLSErrors.configuration(attempt)
    }
    certificate = unsafe try Self.pem(attempt) { unsafe PEM_write_bio_X509($0, made) }
    self.key = unsafe try Self.pem(attempt) {
      unsafe PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil)
    }
  }

  /// The extensions without which strict verifiers take no certificate (RFC 5280 §4.2.1).
  private static func extend(
    _ made: OpaquePointer, as description: Description, issuer: OpaquePointer, _ attempt: String
  ) throws(TransportError) {
    var extensions = [
      (NID_basic_constraints, "critical,CA:\(description.isAuthority ? "TRUE" : "FALSE")"),
      (
        NID_key_usage,
        "critical,\(description.isAuthority ? "keyCertSign,cRLSign" : "digitalSignature")"
      ),
      (NID_subject_key_identifier, "hash"),
      (NID_authority_key_identifier, "keyid:always"),
    ]
    if !description.isAuthority { extensions.append((NID_ext_key_usage, description.purpose)) }
    let names = description.hostNames.map {
      SocketAddress(host: $0, port: 0) == nil ? "DNS:\($0)" : "IP:\($0)"
    }
    if !names.isEmpty {
      extensions.append((NID_subject_alt_name, names.joined(separator: ",")))
    }
    var context = unsafe X509V3_CTX()
    unsafe X509V3_set_ctx(&context, issuer, made, nil, nil, 0)
    for (number, value) in extensions {
      guard let part = unsafe X509V3_EXT_conf_nid(nil, &context, number, value) else {
        throw TLSErrors.configuration(attempt)
      }
      unsafe X509_add_ext(made, part, -1)
      unsafe X509_EXTENSION_free(part)
    }
  }

  /// What `write` puts into a buffer of OpenSSL's.
  private static func pem(
    _ attempt: String, _ write: (OpaquePointer) -> Int32
  ) throws(TransportError) -> String {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw TLSErrors.configuration(attempt) }
    defer { unsafe BIO_free(bio) }
    guard unsafe write(bio) == 1 else { throw TLSErrors.configuration(attempt) }
    var octets = [UInt8](repeating: 0, count: 8192)
    let count = unsafe BIO_read(bio, &octets, Int32(octets.count))
    guard count > 0, count < octets.count else { throw TLSErrors.configuration(attempt) }
    return String(decoding: octets.prefix(Int(count)), as: UTF8.self)
  }
}
