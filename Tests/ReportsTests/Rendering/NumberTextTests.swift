import Testing

@testable import Reports

@Suite("Numbers for people")
struct NumberTextTests {
  @Test func `few digits and a unit`() {
    #expect(NumberText.duration(nanoseconds: 740) == "740 ns")
    #expect(NumberText.duration(nanoseconds: 61_420) == "61.4 µs")
    #expect(NumberText.duration(nanoseconds: 1_250_000) == "1.25 ms")
    #expect(NumberText.duration(nanoseconds: 2e9) == "2.00 s")
    #expect(NumberText.octets(1024) == "1 KiB")
    #expect(NumberText.octets(3.5 * 1024 * 1024) == "3.50 MiB")
    #expect(NumberText.grouped(1_234_567, separator: ",") == "1,234,567")
    #expect(NumberText.count(123_456) == "123 k")
    #expect(NumberText.plain(2.50) == "2.5")
    #expect(NumberText.plain(0) == "0")
    #expect(NumberText.plain(100) == "100")
    #expect(NumberText.fixed(-0.001, 2) == "0.00")
    #expect(NumberText.fixed(.infinity, 2) == "–")
  }
}
