/// The character classes of RFC 9110 §5.6 and RFC 9112, as tests of one octet.
public enum Syntax {
  /// Whether the octet may stand in a token: `tchar` (RFC 9110 §5.6.2).
  public static func isTokenOctet(_ octet: UInt8) -> Bool {
    // A bit for each of ! # $ % & ' * + - . 0-9, then for A-Z ^ _ ` a-z | ~.
    let low: UInt64 = 0x03ff_6cfa_0000_0000
    let high: UInt64 = 0x57ff_ffff_c7ff_fffe
    let bits = octet < 64 ? low : octet < 128 ? high : 0
    return bits &>> UInt64(octet & 63) & 1 == 1
  }

  /// Whether the text is a token: not empty, and of token characters alone.
  public static func isToken(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(isTokenOctet)
  }

  /// Whether the octet may stand in a field value: visible, SP, HTAB or obs-text (RFC 9110 §5.5).
  static func isFieldValueOctet(_ octet: UInt8) -> Bool {
    octet >= 0x20 ? octet != 0x7f : octet == 0x09
  }

  /// Whether the octet may stand in a request target.
  ///
  /// All visible US-ASCII but `#`: wider than RFC 3986, since browsers leave characters such as
  /// `|` and `{` in a query as they are (WHATWG URL, query percent-encode set).
  static func isTargetOctet(_ octet: UInt8) -> Bool {
    0x21...0x7e ~= octet && octet != UInt8(ascii: "#")
  }

  /// Whether the octet is optional white space: SP or HTAB (RFC 9110 §5.6.3).
  static func isWhitespace(_ octet: UInt8) -> Bool {
    octet == 0x20 || octet == 0x09
  }

  /// Whether two texts are equal but for the case of US-ASCII letters.
  public static func isEqualIgnoringCase(
    _ left: some StringProtocol, _ right: some StringProtocol
  ) -> Bool {
    left.utf8.count == right.utf8.count
      && left.utf8.elementsEqual(right.utf8) { lowercased($0) == lowercased($1) }
  }

  private static func lowercased(_ octet: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= octet ? octet | 0x20 : octet
  }
}
