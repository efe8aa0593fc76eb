import Testing
import WebSocketProtocol

@testable import Conformance

@Suite("Packets of a connection")
struct PacketFileTests {
  /// One packet as a reader of pcap sees it.
  private struct Packet {
    var time: UInt64
    var octets: [UInt8]
    var sourcePort: Int { word(20) }
    var destinationPort: Int { word(22) }
    var number: Int { word(24) << 16 | word(26) }
    var acknowledged: Int { word(28) << 16 | word(30) }
    var flags: UInt8 { octets[33] }
    var payload: [UInt8] { Array(octets[40...]) }
    func word(_ index: Int) -> Int { Int(octets[index]) << 8 | Int(octets[index + 1]) }

    /// The one's complement sum over header and pseudo header, which is 0xffff if nothing is wrong.
    var sums: [Int] {
      let pseudo =
        Array(octets[12..<20]) + [0, 6] + [UInt8((octets.count - 20) >> 8)]
        + [UInt8((octets.count - 20) & 0xff)]
      return [Array(octets[..<20]), pseudo + octets[20...]].map { part in
        var sum = 0
        for index in stride(from: 0, to: part.count, by: 2) {
          sum += Int(part[index]) * 256
          if index + 1 < part.count { sum += Int(part[index + 1]) }
        }
        while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
        return sum
      }
    }
  }

  private func packets(_ capture: PacketCapture, sentBy role: Role = .client) -> [Packet] {
    let octets = PacketFile.octets(
      of: capture, sentBy: role, serverPort: 9001, clientPort: 50_000,
      startedAt: 1_700_000_000_000_000_000)
    func little(_ index: Int) -> Int {
      var word = 0
      for place in 0..<4 { word |= Int(octets[index + place]) << (8 * place) }
      return word
    }
    #expect(little(0) == 0xa1b2_3c4d)
    #expect(little(20) == 101)
    var packets: [Packet] = []
    var index = 24
    while index < octets.count {
      let count = little(index + 8)
      #expect(count == little(index + 12))
      packets.append(
        Packet(
          time: UInt64(little(index)) * 1_000_000_000 + UInt64(little(index + 4)),
          octets: Array(octets[index + 16..<index + 16 + count])))
      index += 16 + count
    }
    #expect(index == octets.count)
    return packets
  }

  private func capture(_ chunks: [(Int, isSent: Bool)], limit: Int = 1 << 20) -> PacketCapture {
    var capture = PacketCapture(limit: limit)
    let start = ContinuousClock.now
    capture.connectedAt = start
    for (index, chunk) in chunks.enumerated() {
      let octets = [UInt8](repeating: UInt8(index + 1), count: chunk.0)
      capture.append(
        octets.span, isSent: chunk.isSent, at: start + .milliseconds(1500 * (index + 1)))
    }
    return capture
  }

  @Test func `what a server sends comes from its port`() {
    let packets = packets(capture([(3, false), (5, true)]), sentBy: .server)
    #expect(packets.prefix(3).map(\.sourcePort) == [50_000, 9001, 50_000])
    #expect(packets.filter { $0.payload.count == 3 }.map(\.sourcePort) == [50_000])
    #expect(packets.filter { $0.payload.count == 5 }.map(\.sourcePort) == [9001])
  }

  @Test func `each packet is whole, and the numbers follow each other`() {
    let packets = packets(capture([(40_001, true), (7, false)]))
    #expect(packets.map(\.flags) == [2, 18, 16, 24, 24, 24, 24, 17, 17, 16])
    for packet in packets {
      #expect(packet.sums == [0xffff, 0xffff])
      #expect(packet.word(2) == packet.octets.count)
    }
    let sent = packets.filter { $0.sourcePort == 50_000 }
    var next = sent[0].number + 1
    for packet in sent.dropFirst() {
      #expect(packet.number == next)
      next += packet.payload.count + (packet.flags & 1 == 1 ? 1 : 0)
    }
    #expect(packets.filter { $0.destinationPort == 9001 }.flatMap(\.payload).count == 40_001)
    #expect(packets[6].payload == [UInt8](repeating: 2, count: 7))
    #expect(packets[6].acknowledged == sent[0].number + 1 + 40_001)
    #expect(packets[3].time == 1_700_000_001_500_000_000)
  }

  @Test func `beyond the bound there is a gap, and the numbers still fit`() {
    let packets = packets(capture([(100, true), (60, true), (50, true)], limit: 150))
    let payloads = packets.map(\.payload).filter { !$0.isEmpty }
    #expect(payloads.map(\.count) == [100])
    let end = packets.first { $0.flags == 17 && $0.sourcePort == 9001 }
    #expect(end?.acknowledged == packets[0].number + 1 + 210)
  }

  @Test func `a reset is one`() {
    var capture = capture([(1, true)])
    capture.isReset = true
    #expect(packets(capture).last?.flags == 20)
    #expect(packets(capture).last?.sourcePort == 9001)
  }

  @Test func `a file stays in its folder, whatever the names are`() {
    let folder = CaptureFolder(path: "/tmp/x")
    #expect(folder.file(forCase: "5.5/a", agent: nil) == "/tmp/x/5.5-a.pcap")
    #expect(folder.file(forCase: "../../a", agent: "..") == "/tmp/x/--/------a.pcap")
    #expect(folder.file(forCase: "a", agent: "b c/\u{0}") == "/tmp/x/b-c--/a.pcap")
  }
}
