import Deflate
import Testing

@Suite("RFC 1951 Decompression")
struct InflaterTests {
  static func inflate(
    _ octets: [UInt8], windowBits: Int = 15, limit: Int = .max
  ) throws -> [UInt8] {
    var inflater = try Inflater(windowBits: windowBits)
    var output: [UInt8] = []
    _ = try inflater.inflate(octets.span, to: &output, limit: limit)
    return output
  }

  @Test(arguments: 8...15)
  func `what was compressed within the window comes back`(windowBits: Int) throws {
    let octets = Samples.text(100_000)
    let compressed = try DeflaterTests.compress(octets, windowBits: max(windowBits, 9))
    #expect(try Self.inflate(compressed, windowBits: windowBits) == octets)
  }

  @Test(arguments: 8...15)
  func `cut at every octet it comes back the same`(windowBits: Int) throws {
    let octets = Samples.text(3000)
    let compressed = try DeflaterTests.compress(octets, windowBits: max(windowBits, 9))
    for split in 0...compressed.count {
      var inflater = try Inflater(windowBits: windowBits)
      var output: [UInt8] = []
      let span = compressed.span
      _ = try inflater.inflate(span.extracting(first: split), to: &output, limit: .max)
      _ = try inflater.inflate(span.extracting(droppingFirst: split), to: &output, limit: .max)
      #expect(output == octets)
    }
  }

  @Test func `octet by octet it comes back the same`() throws {
    let octets = Samples.text(20_000)
    let compressed = try DeflaterTests.compress(octets)
    var inflater = try Inflater()
    var output: [UInt8] = []
    for index in compressed.indices {
      let octet = compressed.span.extracting(index..<(index + 1))
      #expect(try inflater.inflate(octet, to: &output, limit: .max).consumed == 1)
    }
    #expect(output == octets)
  }

  @Test(arguments: [0, 1, 63, 64, 65, 1000, 65_535, 1 << 20])
  func `a bomb is stopped at the limit`(limit: Int) throws {
    let bomb = try DeflaterTests.compress([UInt8](repeating: 0, count: 16 << 20))
    var inflater = try Inflater()
    var output: [UInt8] = []
    #expect(throws: InflateError.limitExceeded) {
      _ = try inflater.inflate(bomb.span, to: &output, limit: limit)
    }
    #expect(output.count == limit)
    #expect(output.capacity <= 2 * limit + 64)
  }

  @Test(arguments: [0, 1, 64, 5000])
  func `output of exactly the limit is no error`(count: Int) throws {
    let octets = Samples.text(count)
    var compressed = try DeflaterTests.compress(octets)
    #expect(try Self.inflate(compressed, limit: count) == octets)
    compressed += try DeflaterTests.compress([])
    #expect(try Self.inflate(compressed, limit: count) == octets)
  }

  @Test func `limits hold over several calls`() throws {
    let compressed = try DeflaterTests.compress([UInt8](repeating: 7, count: 10_000))
    for split in 0...compressed.count {
      var inflater = try Inflater()
      var output: [UInt8] = []
      #expect(throws: InflateError.limitExceeded) {
        let span = compressed.span
        for part in [0..<split, split..<compressed.count] {
          let limit = 9999 - output.count
          _ = try inflater.inflate(span.extracting(part), to: &output, limit: limit)
        }
      }
      #expect(output.count == 9999)
    }
  }

  @Test func `no single octet changed makes it trap or go over the limit`() throws {
    let octets = Samples.text(400)
    let compressed = try DeflaterTests.compress(octets)
    var errorCount = 0
    for index in compressed.indices {
      for bit in 0..<8 {
        var changed = compressed
        changed[index] ^= 1 << UInt8(bit)
        var inflater = try Inflater()
        var output: [UInt8] = []
        do {
          _ = try inflater.inflate(changed.span, to: &output, limit: 5000)
        } catch {
          errorCount += 1
        }
        #expect(output.count <= 5000)
      }
    }
    #expect(errorCount > 0)
  }

  @Test(arguments: 0..<200)
  func `noise never traps`(seed: Int) throws {
    var inflater = try Inflater(windowBits: 8 + seed % 8)
    var output: [UInt8] = []
    let noise = Samples.noise(300, seed: UInt64(seed))
    _ = try? inflater.inflate(noise.span, to: &output, limit: 4000)
    _ = try? inflater.inflate(noise.span, to: &output, limit: 4000)
    #expect(output.count <= 8000)
  }

  @Test func `invalid data says what is wrong`() {
    #expect(throws: InflateError.corrupt("invalid block type")) {
      _ = try Self.inflate([0xff, 0xff])
    }
    #expect(throws: InflateError.corrupt("invalid stored block lengths")) {
      _ = try Self.inflate([0x00, 0x01, 0x00, 0x01, 0x00])
    }
    // A fixed block whose first code is a match of length 3 at distance 1.
    #expect(throws: InflateError.corrupt("invalid distance too far back")) {
      _ = try Self.inflate([0x03, 0x02])
    }
  }

  @Test func `a final block ends before what follows it`() throws {
    var deflater = try Deflater()
    var compressed: [UInt8] = []
    deflater.compress(Array("Hello".utf8).span, flush: .finish, to: &compressed)
    let count = compressed.count
    compressed += [9, 9, 9]
    var inflater = try Inflater()
    var output: [UInt8] = []
    let result = try inflater.inflate(compressed.span, to: &output, limit: 100)
    #expect(result == (count, true))
    #expect(output == Array("Hello".utf8))
  }

  @Test func `a new stream can keep the window or lose it`() throws {
    // A fixed block: a match of length 5 at distance 5, then the end of the block.
    let reference: [UInt8] = [0x02, 0x13, 0x00]
    for keeps in [true, false] {
      var inflater = try Inflater()
      var output: [UInt8] = []
      let hello: [UInt8] = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
      #expect(try inflater.inflate(hello.span, to: &output, limit: 100).ended)
      if keeps {
        inflater.restartKeepingWindow()
        _ = try inflater.inflate(reference.span, to: &output, limit: 100)
        #expect(output == Array("HelloHello".utf8))
      } else {
        inflater.reset()
        #expect(throws: InflateError.corrupt("invalid distance too far back")) {
          _ = try inflater.inflate(reference.span, to: &output, limit: 100)
        }
      }
    }
  }

  @Test func `block boundaries are told from truncation`() throws {
    let compressed = try DeflaterTests.compress(Samples.text(500))
    for count in 1...compressed.count {
      var inflater = try Inflater()
      var output: [UInt8] = []
      _ = try inflater.inflate(
        compressed.span.extracting(first: count), to: &output, limit: .max, observesBlocks: true)
      #expect(inflater.isAtBlockBoundary == (count == compressed.count))
    }
  }
}
