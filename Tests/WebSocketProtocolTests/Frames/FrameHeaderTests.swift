import Testing
import WebSocketProtocol

@Suite("RFC 6455 §5.2 Base framing")
struct FrameHeaderTests {
  static let lengths: [UInt64] = [
    0, 1, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 1 << 32, UInt64(Int64.max), 1 << 63,
    .max,
  ]

  private func decode(_ bytes: [UInt8]) -> (header: FrameHeader, byteCount: Int)? {
    FrameHeader.decode(bytes.span)
  }

  @Test
  func `every first octet, mask and length survives a round trip`() {
    for first in UInt8.min...UInt8.max {
      for length in Self.lengths {
        for key in [nil, testKey] {
          for encoding in FrameHeader.LengthEncoding.allCases {
            let header = FrameHeader(
              isFinal: first & 0x80 != 0, rsv: first >> 4 & 7, opcode: Opcode(rawValue: first),
              maskingKey: key, payloadLength: length, lengthEncoding: encoding)
            var bytes: [UInt8] = []
            header.encode(to: &bytes)
            #expect(bytes.count == header.byteCount)
            #expect(bytes[0] == first)
            #expect(FrameHeader.byteCount(secondOctet: bytes[1]) == bytes.count)

            var expected = header
            let minimal = FrameHeader.minimalEncoding(of: length)
            expected.lengthEncoding =
              header.effectiveLengthEncoding == minimal ? .minimal : header.effectiveLengthEncoding
            #expect(decode(bytes)?.header == expected)
            #expect(decode(bytes)?.byteCount == bytes.count)
          }
        }
      }
    }
  }

  @Test(arguments: lengths, [nil, testKey])
  func `a truncated header is not enough, at every octet`(length: UInt64, key: MaskingKey?) {
    var bytes: [UInt8] = []
    FrameHeader(opcode: .binary, maskingKey: key, payloadLength: length).encode(to: &bytes)
    for count in 0..<bytes.count {
      #expect(decode(Array(bytes[..<count])) == nil)
    }
  }

  @Test
  func `decoding tells which form the length came in`() throws {
    #expect(try #require(decode([0x82, 126, 0, 125])).header.lengthEncoding == .sixteenBit)
    #expect(try #require(decode([0x82, 126, 0, 126])).header.lengthEncoding == .minimal)
    let long = try #require(decode([0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff])).header
    #expect(long.lengthEncoding == .sixtyFourBit)
    #expect(long.payloadLength == 65_535)
  }

  @Test
  func `the reserved bits can be set one by one`() {
    var header = FrameHeader(opcode: .text, payloadLength: 0)
    header.rsv1 = true
    #expect(header.rsv == 4)
    header.rsv3 = true
    #expect(header.rsv == 5 && header.rsv3 && !header.rsv2)
    header.rsv2 = true
    header.rsv1 = false
    #expect(header.rsv == 3 && header.rsv2 && !header.rsv1)
    header.rsv2 = false
    header.rsv3 = false
    #expect(header.rsv == 0)
  }
}
