import Deflate
import Testing

@Suite("RFC 1951 Compression")
struct DeflaterTests {
  /// Compresses at once, with a sync flush.
  static func compress(_ octets: [UInt8], level: Int = 6, windowBits: Int = 15) throws -> [UInt8] {
    var deflater = try Deflater(level: level, windowBits: windowBits)
    var output: [UInt8] = []
    deflater.compress(octets.span, flush: .sync, to: &output)
    return output
  }

  @Test(arguments: 1...9)
  func `no distance leaves the window, and 9 bits serve a window of 8`(level: Int) throws {
    for windowBits in 9...15 {
      let octets = Samples.text(60_000, seed: UInt64(level)) + Samples.noise(500)
      let compressed = try Self.compress(octets, level: level, windowBits: windowBits)
      let reader = try #require(BlockReader(compressed))
      #expect(reader.output == octets)
      #expect(reader.greatestDistance > 0)
      #expect(reader.greatestDistance <= (windowBits == 9 ? 256 : 1 << windowBits))
    }
  }

  @Test func `every repetition at every distance up to 600 stays in a window of 8 bits`() throws {
    var octets: [UInt8] = []
    for distance in 3...600 {
      let noise = Samples.noise(distance, seed: UInt64(distance))
      octets += noise + noise
    }
    for level in 1...9 {
      let compressed = try Self.compress(octets, level: level, windowBits: 9)
      let reader = try #require(BlockReader(compressed))
      #expect(reader.output == octets)
      #expect(reader.greatestDistance <= 256)
    }
  }

  @Test func `a sync flush ends with the empty stored block`() throws {
    let output = try Self.compress(Array("Hello".utf8))
    #expect(output == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00, 0xff, 0xff])
  }

  @Test func `output is appended to what is there`() throws {
    var deflater = try Deflater()
    var output: [UInt8] = [1, 2, 3]
    deflater.compress(Array("Hello".utf8).span, flush: .sync, to: &output)
    #expect(output.prefix(4) == [1, 2, 3, 0xf2])
  }

  @Test func `an array with capacity is filled in place`() throws {
    var deflater = try Deflater()
    let octets = Samples.text(50_000)
    var output: [UInt8] = []
    output.reserveCapacity(100_000)
    let capacity = output.capacity
    let address = unsafe output.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    for _ in 0..<3 {
      output.removeAll(keepingCapacity: true)
      deflater.compress(octets.span, flush: .sync, to: &output)
    }
    let after = unsafe output.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    #expect(after == address)
    #expect(output.capacity == capacity)
  }

  @Test(arguments: [Deflater.Flush.sync, .full, .finish])
  func `input is compressed whatever the flush`(flush: Deflater.Flush) throws {
    var deflater = try Deflater()
    var output: [UInt8] = []
    let octets = Samples.text(200_000) + Samples.noise(70_000)
    deflater.compress(octets.span.extracting(0..<1000), flush: .none, to: &output)
    deflater.compress(octets.span.extracting(1000...), flush: flush, to: &output)
    var inflater = try Inflater()
    var inflated: [UInt8] = []
    let result = try inflater.inflate(output.span, to: &inflated, limit: .max)
    #expect(inflated == octets)
    #expect(result.consumed == output.count)
    #expect(result.ended == (flush == .finish))
  }

  @Test func `after finish and after reset nothing refers back`() throws {
    var deflater = try Deflater()
    let octets = Samples.noise(400)
    for flush in [Deflater.Flush.finish, .sync] {
      var first: [UInt8] = []
      deflater.compress(octets.span, flush: flush, to: &first)
      if flush == .sync {
        deflater.reset()
      }
      var second: [UInt8] = []
      deflater.compress(octets.span, flush: .sync, to: &second)
      deflater.reset()
      #expect(second.count >= octets.count)
    }
  }

  @Test func `parameters out of range are refused`() {
    #expect(throws: DeflateError.invalidParameters) { _ = try Deflater(windowBits: 8) }
    #expect(throws: DeflateError.invalidParameters) { _ = try Deflater(windowBits: 16) }
    #expect(throws: DeflateError.invalidParameters) { _ = try Deflater(level: 10) }
    #expect(throws: DeflateError.invalidParameters) { _ = try Deflater(memoryLevel: 0) }
  }
}
