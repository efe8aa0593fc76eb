import Testing
@testable import WebSocketProtocol

@Suite("RFC 7692 §7.2.1 Compression")
struct MessageCompressorTests {
  typealias Agreement = PerMessageDeflate.Agreement

  static let hello = Array("Hello".utf8)

  static func compress(
    _ messages: [[UInt8]], _ agreement: Agreement = Agreement(), role: Role = .client,
    releasesContext: Bool = false
  ) -> [[UInt8]] {
    var compressor = MessageCompressor(
      agreement: agreement, role: role, releasesContext: releasesContext)
    var compressed: [[UInt8]] = []
    for message in messages {
      var output: [UInt8] = []
      compressor.compress(message.span, isFinal: true, to: &output)
      compressed.append(output)
    }
    return compressed
  }

  @Test func `RFC 7692 §7.2.3.1 and §7.2.3.2 come out octet by octet`() {
    let compressed = Self.compress([Self.hello, Self.hello])
    #expect(compressed[0] == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
    #expect(compressed[1] == [0xf2, 0x00, 0x11, 0x00, 0x00])
  }

  @Test(arguments: [false, true])
  func `without context takeover each message stands alone`(releasesContext: Bool) {
    let hello: [UInt8] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
    let client = Agreement(clientNoContextTakeover: true)
    let alone = Self.compress(
      [Self.hello, Self.hello, Self.hello], client, releasesContext: releasesContext)
    #expect(alone == [hello, hello, hello])
    // The other end's parameter changes nothing.
    let other = Self.compress([Self.hello, Self.hello], client, role: .server)
    #expect(other == [hello, [0xf2, 0x00, 0x11, 0x00, 0x00]])
  }

  @Test func `an empty message is one octet, also between others`() {
    let compressed = Self.compress([[], Self.hello, [], [], Self.hello])
    #expect(
      compressed == [
        [0x00], [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], [0x00], [0x00],
        [0xf2, 0x00, 0x11, 0x00, 0x00],
      ])
  }

  @Test func `output is appended to what is there`() {
    var compressor = MessageCompressor(agreement: Agreement(), role: .server)
    var output: [UInt8] = [0xc1, 0x07]
    compressor.compress(Self.hello.span, to: &output)
    #expect(output == [0xc1, 0x07, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
  }

  @Test func `fragments can be inflated as they come`() throws {
    let message = Array("Hello, hello, and hello again".utf8)
    for first in 0...message.count {
      for second in stride(from: first, through: message.count, by: 5) {
        var compressor = MessageCompressor(agreement: Agreement(), role: .client)
        var decompressor = MessageDecompressor(agreement: Agreement(), role: .server)
        var output: [UInt8] = []
        for (part, isFinal) in [
          (0..<first, false), (first..<second, false), (second..<message.count, true),
        ] {
          var fragment: [UInt8] = []
          compressor.compress(message.span.extracting(part), isFinal: isFinal, to: &fragment)
          try decompressor.decompress(fragment.span, isFinal: isFinal, to: &output, limit: 100)
          #expect(output.count == part.upperBound)
        }
        #expect(output == message)
      }
    }
  }

  @Test func `stored blocks serve without memory for a window`() throws {
    for count in [1, 100, 65_535, 65_536, 200_000] {
      let message = [UInt8](repeating: 0x5a, count: count)
      var output: [UInt8] = []
      MessageCompressor.store(message.span, to: &output)
      #expect(output.suffix(4) == [0x00, 0x00, 0xff, 0xff])
      output.removeLast(4)
      var inflated: [UInt8] = []
      var decompressor = MessageDecompressor(
        agreement: Agreement(clientMaxWindowBits: 8), role: .server)
      try decompressor.decompress(output.span, isFinal: true, to: &inflated, limit: count)
      #expect(inflated == message)
    }
  }

  @Test func `an idle compressor and decompressor are a few words`() {
    #expect(MemoryLayout<PerMessageDeflate.Agreement>.size <= 8)
    #expect(MemoryLayout<MessageCompressor>.size <= 16)
    #expect(MemoryLayout<MessageDecompressor>.size <= 16)
  }
}
