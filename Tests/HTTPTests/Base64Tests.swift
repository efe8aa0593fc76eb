import HTTP
import Testing

@Suite("RFC 4648 §4 Base64")
struct Base64Tests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func `the vectors of RFC 4648 §10`(text: String, encoded: String) {
    #expect(Base64.encode(Array(text.utf8)) == encoded)
    #expect(Base64.decode(encoded) == Array(text.utf8))
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "====", "=Zg=", "Zg==Zg==", "Zg= =", " Zg==", "Zg==\n", "Zm9v\r\n",
    "Zm-_", "Zm9ä", "Z===", "Zg=A",
  ])
  func `what is not base64 is refused`(text: String) {
    #expect(Base64.decode(text) == nil)
    #expect(Base64.decode(text, allowsTrailingBits: true) == nil)
  }

  @Test func `trailing bits are refused unless allowed`() {
    #expect(Base64.decode("Zh==") == nil)
    #expect(Base64.decode("Zh==", allowsTrailingBits: true) == [0x66])
  }

  @Test func `all octets round-trip at every length`() {
    let octets = Array(UInt8.min...UInt8.max)
    for count in 0...octets.count {
      let part = Array(octets.suffix(count))
      #expect(Base64.decode(Base64.encode(part)) == part)
    }
  }
}
