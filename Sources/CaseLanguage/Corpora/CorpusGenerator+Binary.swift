extension CorpusGenerator {
  /// An uncompressed greyscale bitmap of a soft, grainy picture.
  static func bitmap(side: Int) -> [UInt8] {
    let headerSize = 54 + 4 * 256
    let count = headerSize + side * side
    var generator = CorpusGenerator(seed: 2, octetCount: count)
    generator.write("BM")
    for value in [UInt32(count), 0, UInt32(headerSize), 40, UInt32(side), UInt32(side)] {
      generator.writeLittleEndian(value, octetCount: 4)
    }
    for value in [1, 8] as [UInt32] { generator.writeLittleEndian(value, octetCount: 2) }
    for value in [0, UInt32(side * side), 2835, 2835, 256, 0] as [UInt32] {
      generator.writeLittleEndian(value, octetCount: 4)
    }
    for grey in 0..<256 as Range<UInt32> {
      generator.writeLittleEndian(grey * 0x01_0101, octetCount: 4)
    }
    // Light from one corner, a few discs in front, and the grain of a film.
    let discs = (0..<9).map { _ in
      (
        x: generator.next(below: side), y: generator.next(below: side),
        radius: 20 + generator.next(below: 90), tone: generator.next(below: 60) - 30
      )
    }
    for y in 0..<side {
      for x in 0..<side {
        var tone = 96 + (x + y) * 24 / side
        for disc in discs {
          let (dx, dy) = (x - disc.x, y - disc.y)
          if dx * dx + dy * dy < disc.radius * disc.radius { tone += disc.tone }
        }
        let grain = generator.next()
        tone += Int(grain & 63) + Int(grain >> 8 & 31) + Int(grain >> 16 & 31) - 62
        generator.octets.append(UInt8(min(max(tone, 0), 255)))
      }
    }
    return generator.octets
  }

  /// A document such as PDF: objects in plain text, and streams that were compressed before.
  static func document(octetCount count: Int) -> [UInt8] {
    var generator = CorpusGenerator(seed: 5, octetCount: count)
    generator.write("%PDF-1.4\n%\u{e2}\u{e3}\n")
    var number = 1
    while generator.octets.count < count {
      let length = 2000 + generator.next(below: 12_000)
      generator.write("\(number) 0 obj\n<< /Length \(length) /Filter /FlateDecode >>\nstream\n")
      generator.writeNoise(length)
      generator.write("\nendstream\nendobj\n")
      for _ in 0..<(12 + generator.next(below: 20)) {
        number += 1
        let width = generator.next(below: 900)
        generator.write(
          """
          \(number) 0 obj
          << /Type /Page /Parent 3 0 R /Resources << /Font << /F1 8 0 R >> >>
          /MediaBox [0 0 612 \(width)] /Contents \(number + 1) 0 R >>
          endobj\n
          """)
      }
      number += 1
    }
    return generator.finish(octetCount: count)
  }
}
