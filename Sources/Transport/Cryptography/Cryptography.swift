internal import COpenSSL

/// The few primitives of the system's OpenSSL that a server needs beside TLS.
public enum Cryptography {
  /// Octets that nobody can guess.
  public static func randomOctets(_ count: Int) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: count)
    precondition(unsafe RAND_bytes(&octets, Int32(count)) == 1, "the system gives no randomness")
    return octets
  }

  /// The SHA-256 digest of octets.
  public static func sha256(_ octets: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 32
    unsafe EVP_Digest(octets, octets.count, &digest, &length, EVP_sha256(), nil)
    return digest
  }

  /// The HMAC with SHA-256 of octets (RFC 2104).
  public static func hmacSHA256(_ octets: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 32
    _ = unsafe HMAC(
      EVP_sha256(), key, Int32(key.count), octets, octets.count, &code, &length)
    return code
  }

  /// Whether two texts of octets are equal, in a time that depends on their lengths alone.
  public static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
  }

  /// PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2).
  public static func pbkdf2(
    _ password: String, salt: [UInt8], iterationCount: Int, byteCount: Int
  ) -> [UInt8]? {
    var key = [UInt8](repeating: 0, count: byteCount)
    let result = unsafe password.withCString { text in
      unsafe PKCS5_PBKDF2_HMAC(
        text, Int32(password.utf8.count), salt, Int32(salt.count), Int32(clamping: iterationCount),
        EVP_sha256(), Int32(byteCount), &key)
    }
    return result == 1 ? key : nil
  }

  /// scrypt (RFC 7914); `nil` when the parameters are not allowed or need too much memory.
  public static func scrypt(
    _ password: String, salt: [UInt8], cost: Int, blockSize: Int, parallelism: Int,
    byteCount: Int, maximumMemory: Int
  ) -> [UInt8]? {
    guard cost > 1, blockSize > 0, parallelism > 0 else { return nil }
    var key = [UInt8](repeating: 0, count: byteCount)
    let result = unsafe password.withCString { text in
      unsafe EVP_PBE_scrypt(
        text, password.utf8.count, salt, salt.count, UInt64(cost), UInt64(blockSize),
        UInt64(parallelism), UInt64(maximumMemory), &key, byteCount)
    }
    TLSErrors.clear()
    return result == 1 ? key : nil
  }
}
