public import WebSocketProtocol

/// A capture as a pcap file: TCP segments in IPv4 packets, made from what was written and read.
///
/// The packets are not those of the kernel: a segment for each write and read, without loss or
/// retransmission, with right numbers and checksums, so that a dissector follows the stream. With TLS
/// they carry the decrypted octets as plain TCP, so that no key is needed. The link type is raw IP.
public enum PacketFile {
  /// LINKTYPE_RAW: packets begin with the IP header.
  static let linkType: UInt32 = 101
  /// The most octets of one segment.
  static let segmentByteCount = 16_384

  /// The file.
  ///
  /// - Parameters:
  ///   - capture: What went over the connection.
  ///   - role: Whether we were the client or the server.
  ///   - serverPort: The server's port.
  ///   - clientPort: The client's.
  ///   - startedAt: When TCP was up, in nanoseconds since 1970.
  /// - Returns: The octets of the file.
  public static func octets(
    of capture: PacketCapture, sentBy role: Role, serverPort: UInt16, clientPort: UInt16,
    startedAt: Int64
  ) -> [UInt8] {
    var writer = Writer(
      startedAt: startedAt, origin: capture.connectedAt ?? capture.chunks.first?.instant,
      serverPort: serverPort, clientPort: clientPort)
    writer.header()
    let origin = capture.connectedAt ?? capture.chunks.first?.instant ?? .now
    writer.packet(fromClient: true, flags: .syn, at: origin)
    writer.packet(fromClient: false, flags: [.syn, .ack], at: origin)
    writer.packet(fromClient: true, flags: .ack, at: origin)
    for chunk in capture.chunks {
      let fromClient = chunk.isSent == (role == .client)
      if chunk.octets.isEmpty {
        // A gap: the numbers go on, and the dissector says that something is missing.
        writer.skip(chunk.byteCount, fromClient: fromClient)
        continue
      }
      var start = 0
      while start < chunk.octets.count {
        let end = min(start + segmentByteCount, chunk.octets.count)
        writer.packet(
          fromClient: fromClient, flags: [.push, .ack], at: chunk.instant,
          payload: chunk.octets[start..<end])
        start = end
      }
    }
    let end = capture.endedAt ?? capture.chunks.last?.instant ?? origin
    let clientEnds = capture.isEndedByUs == (role == .client)
    if capture.isReset {
      writer.packet(fromClient: clientEnds, flags: [.reset, .ack], at: end)
    } else {
      writer.packet(fromClient: clientEnds, flags: [.finish, .ack], at: end)
      writer.packet(fromClient: !clientEnds, flags: [.finish, .ack], at: end)
      writer.packet(fromClient: clientEnds, flags: .ack, at: end)
    }
    return writer.octets
  }

  struct Flags: OptionSet {
    var rawValue: UInt8
    static let finish = Flags(rawValue: 1)
    static let syn = Flags(rawValue: 2)
    static let reset = Flags(rawValue: 4)
    static let push = Flags(rawValue: 8)
    static let ack = Flags(rawValue: 16)
  }

  /// Builds the file, and keeps count of both directions' sequence numbers.
  private struct Writer {
    var octets: [UInt8] = []
    var startedAt: Int64
    var origin: ContinuousClock.Instant?
    var serverPort: UInt16
    var clientPort: UInt16
    var clientNumber: UInt32 = 1_000_000
    var serverNumber: UInt32 = 2_000_000
    var identification: UInt16 = 0
    static let client: [UInt8] = [127, 0, 0, 1]
    static let server: [UInt8] = [127, 0, 0, 2]

    init(
      startedAt: Int64, origin: ContinuousClock.Instant?, serverPort: UInt16, clientPort: UInt16
    ) {
      self.startedAt = startedAt
      self.origin = origin
      self.serverPort = serverPort
      self.clientPort = clientPort
    }

    /// Magic number for nanoseconds, version 2.4, snap length, link type; little endian.
    mutating func header() {
      for word in [0xa1b2_3c4d, 0x0004_0002, 0, 0, 262_144, PacketFile.linkType] { little(word) }
    }

    mutating func skip(_ count: Int, fromClient: Bool) {
      let count = UInt32(truncatingIfNeeded: count)
      if fromClient { clientNumber &+= count } else { serverNumber &+= count }
    }

    mutating func packet(
      fromClient: Bool, flags: Flags, at instant: ContinuousClock.Instant,
      payload: ArraySlice<UInt8> = []
    ) {
      var segment: [UInt8] = []
      let ports = fromClient ? [clientPort, serverPort] : [serverPort, clientPort]
      for port in ports { Self.big(port, to: &segment) }
      let number = fromClient ? clientNumber : serverNumber
      let acknowledged = flags.contains(.ack) ? (fromClient ? serverNumber : clientNumber) : 0
      for word in [number, acknowledged] {
        Self.big(UInt16(word >> 16), to: &segment)
        Self.big(UInt16(word & 0xffff), to: &segment)
      }
      segment += [5 << 4, flags.rawValue, 0xff, 0xff, 0, 0, 0, 0]
      segment += payload
      let addresses = fromClient ? Self.client + Self.server : Self.server + Self.client
      var pseudo = addresses + [0, 6]
      Self.big(UInt16(segment.count), to: &pseudo)
      let sum = Self.checksum(pseudo + segment)
      (segment[16], segment[17]) = (UInt8(sum >> 8), UInt8(sum & 0xff))

      var packet: [UInt8] = [0x45, 0]
      Self.big(UInt16(20 + segment.count), to: &packet)
      Self.big(identification, to: &packet)
      packet += [0x40, 0, 64, 6, 0, 0] + addresses
      let headerSum = Self.checksum(packet)
      (packet[10], packet[11]) = (UInt8(headerSum >> 8), UInt8(headerSum & 0xff))
      identification &+= 1

      let offset = origin.map { instant - $0 } ?? .zero
      let time =
        startedAt + offset.components.seconds * 1_000_000_000
        + offset.components.attoseconds / 1_000_000_000
      little(UInt32(truncatingIfNeeded: time / 1_000_000_000))
      little(UInt32(truncatingIfNeeded: time % 1_000_000_000))
      little(UInt32(packet.count + segment.count))
      little(UInt32(packet.count + segment.count))
      octets += packet
      octets += segment
      let count = payload.count + (flags.isDisjoint(with: [.syn, .finish]) ? 0 : 1)
      skip(count, fromClient: fromClient)
    }

    private mutating func little(_ word: UInt32) {
      for shift in stride(from: 0, to: 32, by: 8) {
        octets.append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
      }
    }

    private static func big(_ word: UInt16, to octets: inout [UInt8]) {
      octets.append(UInt8(word >> 8))
      octets.append(UInt8(word & 0xff))
    }

    /// The Internet checksum (RFC 1071 §1).
    private static func checksum(_ octets: [UInt8]) -> UInt16 {
      var sum: UInt32 = 0
      for index in stride(from: 0, to: octets.count, by: 2) {
        let low = index + 1 < octets.count ? octets[index + 1] : 0
        sum += UInt32(octets[index]) << 8 | UInt32(low)
      }
      while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
      return ~UInt16(sum)
    }
  }
}
