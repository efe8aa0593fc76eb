internal import COpenSSL

/// Reads PEM blocks and object stores, without ever asking at the terminal for a pass phrase.
enum PEMReader {
  /// A BIO with a copy of these octets, for OpenSSL to read from; it is the caller's.
  ///
  /// One that only points at them would read what is no longer there: an array's memory is lent for a call alone.
  static func source(of octets: [UInt8], attempt: String) throws(TransportError) -> OpaquePointer {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw TLSErrors.configuration(attempt) }
    let count = Int32(clamping: octets.count)
    guard unsafe count == 0 || BIO_write(bio, octets, count) == octets.count else {
      unsafe BIO_free(bio)
      throw TLSErrors.configuration(attempt)
    }
    // At its end there is nothing, not something that comes later.
    unsafe BIO_ctrl(bio, BIO_C_SET_BUF_MEM_EOF_RETURN, 0, nil)
    return unsafe bio
  }

  /// All certificates in PEM text, at least one; the stack is the caller's.
  static func certificates(
    in octets: [UInt8], attempt: String
  ) throws(TransportError) -> OpaquePointer {
    TLSErrors.clear()
    let bio = unsafe try source(of: octets, attempt: attempt)
    defer { unsafe BIO_free(bio) }
    guard let stack = unsafe tls_new_certificates() else {
      throw TLSErrors.configuration(attempt)
    }
    while let certificate = unsafe PEM_read_bio_X509_AUX(bio, nil, noPassPhrase, nil) {
      _ = unsafe tls_append(stack, certificate)
    }
    // The end is where no further block begins; anything else is a block that cannot be read.
    let isEnd = unsafe tls_count(stack) > 0 && TLSErrors.isMissingStart
    guard isEnd else {
      unsafe tls_free_certificates(stack)
      throw TLSErrors.configuration(attempt)
    }
    TLSErrors.clear()
    return unsafe stack
  }

  /// The private key in PEM text; it is the caller's.
  static func privateKey(
    in octets: [UInt8], _ passPhrase: String?, attempt: String
  ) throws(TransportError) -> OpaquePointer {
    TLSErrors.clear()
    let bio = unsafe try source(of: octets, attempt: attempt)
    defer { unsafe BIO_free(bio) }
    let key: OpaquePointer?
    if let passPhrase {
      unsafe key = withPassPhrase(passPhrase) {
        unsafe PEM_read_bio_PrivateKey(bio, nil, nil, $0)
      }
    } else {
      unsafe key = PEM_read_bio_PrivateKey(bio, nil, noPassPhrase, nil)
    }
    guard let key = unsafe key else {
      throw TLSErrors.encrypted(attempt, hasPassPhrase: passPhrase != nil)
    }
    return unsafe key
  }

  /// Lends a pass phrase as OpenSSL's standard callback expects it.
  static func withPassPhrase<R>(
    _ text: String, _ body: (UnsafeMutableRawPointer) -> R
  ) -> R {
    unsafe text.withCString { unsafe body(UnsafeMutableRawPointer(mutating: $0)) }
  }

  /// Answers OpenSSL's question for a pass phrase: there is none.
  static let noPassPhrase:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 =
      { _, _, _, _ in -1 }
}

/// Reads what a URI of OpenSSL's object stores names (`file:`, `pkcs11:`, …).
enum StoreReader {
  /// The certificates there, and the first private key; both are the caller's.
  static func read(
    _ uri: String, _ passPhrase: String?, attempt: String
  ) throws(TransportError) -> (certificates: OpaquePointer, key: OpaquePointer?) {
    TLSErrors.clear()
    guard let stack = unsafe tls_new_certificates() else {
      throw TLSErrors.configuration(attempt)
    }
    guard let method = unsafe UI_UTIL_wrap_read_pem_callback(answer, 0) else {
      unsafe tls_free_certificates(stack)
      throw TLSErrors.configuration(attempt)
    }
    defer { unsafe UI_destroy_method(method) }
    var key: OpaquePointer?
    let isOpen = unsafe PEMReader.withPassPhrase(passPhrase ?? "") { phrase in
      guard let store = unsafe OSSL_STORE_open(uri, method, phrase, nil, nil) else { return false }
      while unsafe OSSL_STORE_eof(store) == 0 {
        guard let entry = unsafe OSSL_STORE_load(store) else { continue }
        if let certificate = unsafe OSSL_STORE_INFO_get1_CERT(entry) {
          _ = unsafe tls_append(stack, certificate)
        } else if unsafe key == nil, let found = unsafe OSSL_STORE_INFO_get1_PKEY(entry) {
          unsafe key = found
        }
        unsafe OSSL_STORE_INFO_free(entry)
      }
      unsafe OSSL_STORE_close(store)
      return true
    }
    guard isOpen else {
      unsafe tls_free_certificates(stack)
      throw TLSErrors.configuration(attempt)
    }
    TLSErrors.clear()
    return unsafe (stack, key)
  }

  /// Hands the pass phrase over, or says that there is none.
  private static let answer:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 =
      { buffer, capacity, _, phrase in
        guard let buffer = unsafe buffer, let phrase = unsafe phrase else { return -1 }
        let text = unsafe phrase.assumingMemoryBound(to: CChar.self)
        var count: Int32 = 0
        while count < capacity, unsafe text[Int(count)] != 0 {
          unsafe buffer[Int(count)] = text[Int(count)]
          count += 1
        }
        return count == 0 ? -1 : count
      }
}
