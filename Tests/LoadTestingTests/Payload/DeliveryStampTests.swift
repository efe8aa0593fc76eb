import Testing

@testable import LoadTesting

@Suite("Stamps of what is published")
struct DeliveryStampTests {
  static let stamp = DeliveryStamp(publisher: 3, sequence: 1_000_000, planned: -5)

  @Test func `a stamp is found wherever it stands`() {
    let octets = Array("{\"a\":\"~g".utf8) + Self.stamp.octets + Array("\"}".utf8)
    #expect(Self.stamp.octets.count == DeliveryStamp.byteCount)
    #expect(DeliveryStamp.find(in: octets.span) == .found(Self.stamp, start: 8))
    let nothing = Array("nothing".utf8)
    #expect(DeliveryStamp.find(in: nothing.span) == .none)
  }

  @Test func `damage to any octet of it is seen, and so is its end missing`() {
    let octets = Self.stamp.octets
    for index in octets.indices {
      var damaged = octets
      damaged[index] ^= 1
      let finding = DeliveryStamp.find(in: damaged.span)
      #expect(finding == (index < DeliveryStamp.mark.count ? .none : .damaged))
    }
    let part = Array(octets.dropLast())
    #expect(DeliveryStamp.find(in: part.span) == .damaged)
  }
}
