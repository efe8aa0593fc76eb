import Testing
import WebSocketProtocol

@Suite("RFC 7692 §7.2.2 Decompression")
struct MessageDecompressorTests {
  typealias Agreement = PerMessageDeflate.Agreement

  static let hello = Array("Hello".utf8)

  static func decompress(
    _ messages: [[UInt8]], _ agreement: Agreement = Agreement(), limit: Int = 1 << 20,
    releasesContext: Bool = false
  ) throws -> [[UInt8]] {
    var decompressor = MessageDecompressor(
      agreement: agreement, role: .server, releasesContext: releasesContext)
    var inflated: [[UInt8]] = []
    for message in messages {
      var output: [UInt8] = []
      try decompressor.decompress(message.span, isFinal: true, to: &output, limit: limit)
      inflated.append(output)
    }
    return inflated
  }

  /// Every example of RFC 7692 §7.2.3, as far as it stands alone.
  static let examples: [(String, [UInt8], String)] = [
    ("§7.2.3.1", [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], "Hello"),
    (
      "§7.2.3.3", [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00], "Hello"
    ),
    ("§7.2.3.4", [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00], "Hello"),
    (
      "§7.2.3.5",
      [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00], "Hello"
    ),
    ("§7.2.3.6", [0x00], ""),
  ]

  @Test(arguments: examples)
  func `the examples inflate, cut anywhere`(name: String, octets: [UInt8], text: String) throws {
    for first in 0...octets.count {
      for second in first...octets.count {
        var decompressor = MessageDecompressor(agreement: Agreement(), role: .client)
        var output: [UInt8] = []
        let span = octets.span
        for part in [0..<first, first..<second] {
          try decompressor.decompress(
            span.extracting(part), isFinal: false, to: &output, limit: 5)
        }
        try decompressor.decompress(
          span.extracting(second...), isFinal: true, to: &output, limit: 5 - output.count)
        #expect(output == Array(text.utf8))
      }
    }
  }

  @Test func `RFC 7692 §7.2.3.2 shares the window between messages`() throws {
    let messages: [[UInt8]] = [
      [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], [0xf2, 0x00, 0x11, 0x00, 0x00],
    ]
    #expect(try Self.decompress(messages) == [Self.hello, Self.hello])
    for releasesContext in [false, true] {
      #expect(throws: DecompressionError.corrupt("invalid distance too far back")) {
        try Self.decompress(
          messages, Agreement(clientNoContextTakeover: true), releasesContext: releasesContext)
      }
    }
  }

  @Test func `RFC 7692 §7.2.3.4 a final block ends neither message nor window`() throws {
    let final: [UInt8] = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
    let reference: [UInt8] = [0xf2, 0x00, 0x11, 0x00, 0x00]
    let messages = [final + [0x00], reference, final, reference, [0x00], final + final + [0x00]]
    let expected = [1, 1, 1, 1, 0, 2].map { count in
      [[UInt8]](repeating: Self.hello, count: count).flatMap { $0 }
    }
    #expect(try Self.decompress(messages) == expected)
    let alone = [final + [0x00], final, [0x00], final]
    for releasesContext in [false, true] {
      let inflated = try Self.decompress(
        alone, Agreement(clientNoContextTakeover: true), releasesContext: releasesContext)
      #expect(inflated == [Self.hello, Self.hello, [], Self.hello])
    }
  }

  @Test func `a message cut short is corrupt, not the beginning of the next`() throws {
    let message = Array("The quick brown fox jumps over the lazy dog; the fox, the dog.".utf8)
    let compressed = MessageCompressorTests.compress([message])[0]
    for count in 0..<compressed.count {
      #expect(throws: DecompressionError.self) {
        try Self.decompress([Array(compressed.prefix(count))])
      }
    }
  }

  @Test func `corrupt data is an error`() {
    #expect(throws: DecompressionError.corrupt("invalid block type")) {
      try Self.decompress([[0xff, 0xff, 0xff]])
    }
    #expect(throws: DecompressionError.corrupt("the message ends inside a block")) {
      try Self.decompress([[]])
    }
  }

  @Test(arguments: [1, 1000, 1 << 20])
  func `a bomb is stopped while it inflates`(limit: Int) {
    let bomb = MessageCompressorTests.compress([[UInt8](repeating: 0, count: 32 << 20)])[0]
    #expect(bomb.count < 40_000)
    var decompressor = MessageDecompressor(agreement: Agreement(), role: .server)
    var output: [UInt8] = []
    #expect(throws: DecompressionError.limitExceeded) {
      // In small fragments, so that no one of them inflates to much.
      for start in stride(from: 0, to: bomb.count, by: 100) {
        let part = bomb.span.extracting(start..<min(start + 100, bomb.count))
        try decompressor.decompress(
          part, isFinal: false, to: &output, limit: limit - output.count)
      }
    }
    #expect(output.count == limit)
    #expect(output.capacity <= 2 * limit + 64)
  }

  @Test func `no limit overflows`() throws {
    let messages = MessageCompressorTests.compress([Self.hello])
    #expect(try Self.decompress(messages, limit: .max) == [Self.hello])
  }

  @Test(arguments: 8...15, [false, true])
  func `every window round-trips in both directions`(bits: Int, noContextTakeover: Bool) throws {
    let messages = (0..<12).map { index in
      let line = "{\"id\": \(index % 3), \"name\": \"Grüße aus dem Fenster\", \"index\": \(index)}"
      return Array(String(repeating: line, count: 1 + index * index).utf8)
    }
    for role in [Role.client, .server] {
      let isClient = role == .client
      let agreement = Agreement(
        serverNoContextTakeover: !isClient && noContextTakeover,
        clientNoContextTakeover: isClient && noContextTakeover,
        serverMaxWindowBits: isClient ? 15 : bits, clientMaxWindowBits: isClient ? bits : 15)
      for level in [0, 1, 6, 9] {
        var compressor = MessageCompressor(agreement: agreement, role: role, level: level)
        var decompressor = MessageDecompressor(
          agreement: agreement, role: isClient ? .server : .client)
        for message in messages {
          var compressed: [UInt8] = []
          compressor.compress(message.span, to: &compressed)
          var inflated: [UInt8] = []
          // Octet by octet, so that zlib must look into its window and not into the output.
          for index in compressed.indices {
            try decompressor.decompress(
              compressed.span.extracting(index...index), isFinal: index == compressed.count - 1,
              to: &inflated, limit: message.count - inflated.count)
          }
          #expect(inflated == message)
        }
      }
    }
  }
}
