import Reports

/// Text to fill payloads with, of the character that real traffic has when it is compressed.
enum PayloadText {
  private static let words = [
    "the", "message", "and", "of", "a", "server", "to", "in", "is", "that", "room", "gauntlet",
    "carries", "latency", "window", "under", "load", "for", "measured", "when", "nothing", "waits",
    "größer", "über", "naïve", "café", "mañana", "Пример", "сообщение", "例え", "世界", "δοκιμή",
    "🛰", "🌍",
  ]

  /// Sentences of exactly `byteCount` octets of UTF-8.
  static func prose(byteCount: Int, using generator: inout SeededGenerator) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(byteCount)
    var wordCount = 0
    while octets.count < byteCount {
      let word = words[Int.random(in: 0..<words.count, using: &generator)].utf8
      guard octets.count + word.count + 1 <= byteCount else {
        octets.append(contentsOf: repeatElement(UInt8(ascii: "."), count: byteCount - octets.count))
        break
      }
      octets.append(contentsOf: word)
      wordCount += 1
      octets.append(UInt8(ascii: wordCount.isMultiple(of: 12) ? "\n" : " "))
    }
    return octets
  }

  /// A JSON document of exactly `byteCount` octets and where its sequence number stands; nil where it has no room.
  static func document(
    byteCount: Int, using generator: inout SeededGenerator
  ) -> (octets: [UInt8], sequenceOffset: Int)? {
    let head = #"{"sequence":""#
    let digits = String(repeating: "0", count: SequenceField.fullDigitCount)
    let minimum = head.utf8.count + digits.utf8.count + 2
    guard byteCount >= minimum else { return nil }
    var octets = Array((head + digits + "\"").utf8)
    let filler = #","records":["#.utf8.count + 2
    if byteCount >= minimum + filler {
      octets.append(contentsOf: #","records":["#.utf8)
      var isFirst = true
      while true {
        let record = record(using: &generator).utf8
        guard octets.count + record.count + 3 <= byteCount else { break }
        if !isFirst { octets.append(UInt8(ascii: ",")) }
        octets.append(contentsOf: record)
        isFirst = false
      }
      octets.append(UInt8(ascii: "]"))
    }
    octets.append(contentsOf: repeatElement(UInt8(ascii: " "), count: byteCount - octets.count - 1))
    octets.append(UInt8(ascii: "}"))
    return (octets, head.utf8.count)
  }

  private static func record(using generator: inout SeededGenerator) -> String {
    let identifier = Int.random(in: 1...9_999_999, using: &generator)
    let cents = Int.random(in: 0...999_999, using: &generator)
    let name = words[Int.random(in: 0..<words.count, using: &generator)]
    let isActive = Bool.random(using: &generator)
    return #"{"id":\#(identifier),"name":"\#(name)","price":\#(Double(cents) / 100),"#
      + #""active":\#(isActive)}"#
  }
}
