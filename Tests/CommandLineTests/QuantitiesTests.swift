import Testing

@testable import gauntlet

@Suite("Quantities on the command line")
struct QuantitiesTests {
  @Test(arguments: ["0s", "10s", "90s", "250ms", "1500us", "7ns"])
  func `a time is shown as it is written`(text: String) throws {
    #expect(try #require(TimeSpan(argument: text)).defaultValueDescription == text)
  }

  @Test(arguments: [
    ("1.5m", Duration.seconds(90)), ("2h", .seconds(7200)), ("3", .seconds(3)),
    ("0.25s", .milliseconds(250)),
  ])
  func `a time has a unit, or is in seconds`(text: String, duration: Duration) {
    #expect(TimeSpan(argument: text)?.duration == duration)
  }

  @Test(arguments: ["", "s", "-1s", "1x", "nan", "inf", "1e10s"])
  func `what is no time is refused`(text: String) {
    #expect(TimeSpan(argument: text) == nil)
  }

  @Test(arguments: [
    ("1000", 1000), ("64K", 64 << 10), ("64KiB", 64 << 10), ("16m", 16 << 20), ("1GiB", 1 << 30),
    ("0", 0),
  ])
  func `a size has a unit, or is in octets`(text: String, byteCount: Int) {
    #expect(ByteSize(argument: text)?.byteCount == byteCount)
  }

  @Test(arguments: ["", "K", "iB", "5iB", "-1", "1.5K", "9223372036854775807", "8589934592G"])
  func `what is no size is refused`(text: String) {
    #expect(ByteSize(argument: text) == nil)
  }
}
