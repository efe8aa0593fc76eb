/// A number behind a text that marks it, as in `"id": 17`.
struct MarkedNumber: Equatable, Sendable {
  let marker: [UInt8]

  init(_ marker: String) {
    self.marker = Array(marker.utf8)
  }

  /// The first number behind the marker; nil if there is none, or it is too great.
  func find(in payload: Span<UInt8>) -> UInt64? {
    guard var position = payload.firstEnd(of: marker) else { return nil }
    while position < payload.count, [0x20, 0x09, 0x0a, 0x0d, 0x22].contains(payload[position]) {
      position += 1
    }
    return payload.naturalNumber(at: &position)
  }
}

extension Span<UInt8> {
  /// Where the octets after the first occurrence of `pattern` begin.
  func firstEnd(of pattern: [UInt8]) -> Int? {
    guard !pattern.isEmpty, count >= pattern.count else { return nil }
    for start in 0...(count - pattern.count) where self[start] == pattern[0] {
      var matched = 1
      while matched < pattern.count, self[start + matched] == pattern[matched] { matched += 1 }
      if matched == pattern.count { return start + matched }
    }
    return nil
  }

  /// The number whose decimal digits begin at `position`, which goes behind them; nil if there is none, or it is too
  /// great.
  func naturalNumber(at position: inout Int) -> UInt64? {
    var number: UInt64?
    while position < count, 0x30...0x39 ~= self[position] {
      let (tens, isOver) = (number ?? 0).multipliedReportingOverflow(by: 10)
      let (sum, isOverToo) = tens.addingReportingOverflow(UInt64(self[position] - 0x30))
      if isOver || isOverToo { return nil }
      number = sum
      position += 1
    }
    return number
  }
}
