/// JSON whose escapes name halves of surrogate pairs, which its grammar allows (RFC 8259 §8.2) and no
/// text can hold.
enum LoneSurrogates {
  /// The document with U+FFFD in the place of each half; nil if there is none.
  static func replaced(in octets: [UInt8]) -> [UInt8]? {
    var output = octets
    var isChanged = false
    var place = 0
    while let backslash = output[place...].firstIndex(of: 0x5C) {
      guard let unit = unit(of: output, at: backslash) else {
        // An escape of one character, the backslash itself among them.
        place = min(backslash + 2, output.count)
        continue
      }
      place = backslash + 6
      switch unit {
      case 0xD800..<0xDC00:
        if let next = self.unit(of: output, at: place), (0xDC00..<0xE000).contains(next) {
          place += 6
          continue
        }
        fallthrough
      case 0xDC00..<0xE000:
        output.replaceSubrange(backslash + 2..<place, with: "FFFD".utf8)
        isChanged = true
      default: break
      }
    }
    return isChanged ? output : nil
  }

  /// The code unit that `\uNNNN` at this place names.
  private static func unit(of octets: [UInt8], at place: Int) -> UInt16? {
    guard place + 6 <= octets.count, octets[place] == 0x5C, octets[place + 1] == 0x75 else {
      return nil
    }
    return UInt16(String(decoding: octets[place + 2..<place + 6], as: UTF8.self), radix: 16)
  }
}
