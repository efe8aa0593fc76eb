import Testing

@testable import LoadTesting

@Suite("Send times of messages under way")
struct SendTimesTests {
  @Test func `times are kept by number, also when room is made`() {
    var times = SendTimes(capacity: 3)
    #expect(times.capacity == 4)
    for sequence in UInt64(5)..<9 { times[sequence] = Int64(sequence) * 10 }
    times.reserve(5, oldest: 5)
    #expect(times.capacity == 8)
    for sequence in UInt64(9)..<13 { times[sequence] = Int64(sequence) * 10 }
    for sequence in UInt64(5)..<13 { #expect(times[sequence] == Int64(sequence) * 10) }
  }
}
