internal import COpenSSL
internal import Glibc

/// What a certificate says (RFC 5280 §4.1).
public struct TLSCertificate: Hashable, Sendable {
  /// Whom it is for: `CN=localhost,O=Example` (RFC 2253).
  public let subject: String
  /// The common name in the subject, or nil.
  public let commonName: String?
  /// Who has signed it.
  public let issuer: String
  /// Its serial number, in hexadecimal digits.
  public let serialNumber: String
  /// From when on it is valid, in seconds since the beginning of 1970.
  public let validFrom: Int
  /// Until when it is valid, in seconds since the beginning of 1970.
  public let validUntil: Int
  /// The SHA-256 of the whole, in lower-case hexadecimal digits.
  public let fingerprint: String

  /// Whether it is valid at a time, given in seconds since the beginning of 1970.
  public func isValid(at seconds: Int) -> Bool { validFrom...max(validFrom, validUntil) ~= seconds }

  /// How many whole days are left at a time; negative when it has expired.
  public func daysLeft(at seconds: Int) -> Int {
    Int((Double(validUntil - seconds) / 86_400).rounded(.down))
  }

  /// The day on which it expires: `2026-11-22`.
  public var lastDay: String { Self.day(of: validUntil) }

  /// A day of the calendar, in UTC.
  static func day(of seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = unsafe tm()
    _ = unsafe gmtime_r(&time, &parts)
    func pad(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return unsafe "\(parts.tm_year + 1900)-\(pad(parts.tm_mon + 1))-\(pad(parts.tm_mday))"
  }

  /// Reads OpenSSL's certificate, which stays the caller's.
  init(_ certificate: OpaquePointer) {
    unsafe subject = Self.text(of: X509_get_subject_name(certificate))
    unsafe issuer = Self.text(of: X509_get_issuer_name(certificate))
    unsafe commonName = Self.commonName(of: X509_get_subject_name(certificate))
    unsafe serialNumber = Self.hexadecimal(of: X509_get0_serialNumber(certificate))
    unsafe validFrom = Self.seconds(X509_get0_notBefore(certificate))
    unsafe validUntil = Self.seconds(X509_get0_notAfter(certificate))
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 32
    unsafe X509_digest(certificate, EVP_sha256(), &digest, &length)
    fingerprint = Self.hexadecimal(digest)
  }

  /// The present, in seconds since the beginning of 1970.
  static var now: Int { time(nil) }

  private static func hexadecimal(_ octets: [UInt8]) -> String {
    octets.map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }.joined()
  }

  private static func hexadecimal(of number: UnsafePointer<ASN1_INTEGER>?) -> String {
    guard let big = unsafe ASN1_INTEGER_to_BN(number, nil) else { return "" }
    defer { unsafe BN_free(big) }
    guard let text = unsafe BN_bn2hex(big) else { return "" }
    defer { unsafe CRYPTO_free(text, "", 0) }
    return unsafe String(cString: text)
  }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int {
    var parts = unsafe tm()
    guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
    return unsafe timegm(&parts)
  }

  private static func text(of name: OpaquePointer?) -> String {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { return "" }
    defer { unsafe BIO_free(bio) }
    unsafe X509_NAME_print_ex(bio, name, 0, tls_name_flags())
    var octets = [UInt8](repeating: 0, count: 4096)
    let count = unsafe BIO_read(bio, &octets, 4096)
    return String(decoding: octets.prefix(max(0, Int(count))), as: UTF8.self)
  }

  private static func commonName(of name: OpaquePointer?) -> String? {
    var text = [CChar](repeating: 0, count: 257)
    let count = unsafe tls_common_name(name, &text, 257)
    guard count > 0 else { return nil }
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
