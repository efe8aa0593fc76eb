import WebSocketProtocol

extension MaskingKeySource {
  /// Keys from the system's randomness.
  static func random() -> MaskingKeySource {
    MaskingKeySource { words in
      var generator = SystemRandomNumberGenerator()
      for index in words.indices { words[index] = generator.next() }
    }
  }
}

extension HandshakeKey {
  /// A key from the system's randomness, which is asked for words: each question costs a system call.
  static func random() -> HandshakeKey {
    var generator = SystemRandomNumberGenerator()
    let words = [generator.next(), generator.next()] as [UInt64]
    return HandshakeKey(
      octets: (0..<16).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64($0 % 8 * 8)) })
  }
}
