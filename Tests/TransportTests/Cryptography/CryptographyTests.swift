import Testing
import Transport

@Suite("Primitives of OpenSSL")
struct CryptographyTests {
  private func hexadecimal(_ octets: [UInt8]?) -> String {
    (octets ?? []).map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }.joined()
  }

  @Test func `digests are those of the published vectors`() {
    #expect(
      hexadecimal(Cryptography.sha256(Array("abc".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    // RFC 4231 §4.3.
    #expect(
      hexadecimal(
        Cryptography.hmacSHA256(
          Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    // RFC 7914 §11 and §12.
    #expect(
      hexadecimal(
        Cryptography.pbkdf2(
          "passwd", salt: Array("salt".utf8), iterationCount: 1, byteCount: 16))
        == "55ac046e56e3089fec1691c22544b605")
    #expect(
      hexadecimal(
        Cryptography.scrypt(
          "password", salt: Array("NaCl".utf8), cost: 1024, blockSize: 8, parallelism: 16,
          byteCount: 16, maximumMemory: 64 << 20)) == "fdbabe1c9d3472007856e7190d01e9fe")
    #expect(
      Cryptography.scrypt(
        "p", salt: [1], cost: 1 << 20, blockSize: 8, parallelism: 1, byteCount: 16,
        maximumMemory: 1 << 20) == nil)
  }

  @Test func `octets are compared and made`() {
    #expect(Cryptography.isEqual([1, 2], [1, 2]))
    #expect(!Cryptography.isEqual([1, 2], [1, 3]))
    #expect(!Cryptography.isEqual([1, 2], [1]))
    #expect(Cryptography.isEqual([], []))
    #expect(Cryptography.randomOctets(16) != Cryptography.randomOctets(16))
  }
}
