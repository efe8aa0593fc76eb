import CaseLanguage
import Testing
import WebSocketProtocol

@testable import Conformance

@Suite("Compressed streams that cases share")
struct CompressedStreamTests {
  static let step = Step.Exchange(
    count: 10, kind: .text, content: .slices(corpus: .json, length: 1000))

  func source(
    _ cache: CompressedStreamCache?, agreement: PerMessageDeflate.Agreement?
  ) -> MessageSource {
    MessageSource(Self.step, agreement: agreement, role: .client, streams: cache)
  }

  @Test(arguments: [true, false])
  func `what is compressed inflates to what was meant`(forgets: Bool) throws {
    let agreement = PerMessageDeflate.Agreement(
      clientNoContextTakeover: forgets, clientMaxWindowBits: 12)
    let source = source(nil, agreement: agreement)
    var decompressor = MessageDecompressor(agreement: agreement, role: .server)
    for index in 0..<10 {
      let compressed = try #require(source.compressed(index))
      var output: [UInt8] = []
      try decompressor.decompress(compressed.span, isFinal: true, to: &output, limit: 1 << 20)
      let octets = source.octets(of: index)
      #expect(output == Array(octets.storage[octets.range]))
    }
  }

  @Test func `two cases with the same parameters get the same octets`() throws {
    let cache = CompressedStreamCache()
    let agreement = PerMessageDeflate.Agreement(clientNoContextTakeover: true)
    let (one, other) = (source(cache, agreement: agreement), source(cache, agreement: agreement))
    for index in 0..<3 { #expect(one.compressed(index) == other.compressed(index)) }
    let key = CompressedStream.Key(
      content: Self.step.content, role: .client, windowBits: 15, forgets: true)
    #expect(cache.stream(key).message(1) { fatalError("it is there already") } == one.compressed(1))
  }

  @Test func `streams that nobody uses are forgotten when there is no room`() {
    let cache = CompressedStreamCache(byteCountLimit: 1)
    func key(_ bits: Int) -> CompressedStream.Key {
      CompressedStream.Key(
        content: Self.step.content, role: .client, windowBits: bits, forgets: true)
    }
    let octets = ExpectedOctets(valid: Array(0..<200), range: 0..<200)
    let used = cache.stream(key(15))
    _ = used.message(0) { octets }
    let idle = cache.stream(key(14))
    _ = idle.message(0) { octets }
    idle.release()
    _ = cache.stream(key(13))
    #expect(cache.stream(key(15)) === used)
    #expect(cache.stream(key(14)) !== idle)
  }

  @Test func `messages are slices of the ring, in code points where it is text`() {
    let ring = CorpusRing(octets: Array("aäbö€".utf8), unitCount: 5)
    func message(_ index: Int, _ length: Int) -> String {
      let octets = ring.message(index, length: length)
      return String(decoding: octets.storage[octets.range], as: UTF8.self)
    }
    #expect(message(0, 2) == "aä")
    #expect(message(1, 2) == "bö")
    #expect(message(2, 2) == "€a")
    #expect(message(1, 3) == "ö€a")
    #expect(message(0, 12) == "aäbö€aäbö€aä")
    #expect(message(1, 12) == "bö€aäbö€aäbö")
  }
}
