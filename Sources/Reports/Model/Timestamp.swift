import FoundationEssentials

/// A moment of civil time (UTC) to the millisecond, written as `2026-11-21T02:30:00.000Z`.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public var millisecondsSinceEpoch: Int64

  /// Creates a moment from its distance to 1970-01-01T00:00:00Z.
  public init(millisecondsSinceEpoch: Int64) {
    self.millisecondsSinceEpoch = millisecondsSinceEpoch
  }

  /// The present moment.
  public static func now() -> Timestamp {
    Timestamp(millisecondsSinceEpoch: Int64((Date().timeIntervalSince1970 * 1000).rounded()))
  }

  /// A moment so far from the present one.
  public static func now(advancedBy distance: Duration) -> Timestamp {
    let now = Date().timeIntervalSince1970 * 1000
    return Timestamp(
      millisecondsSinceEpoch: Int64((now + Double(distance.wholeNanoseconds) / 1e6).rounded()))
  }

  /// How many nanoseconds it is from now to this moment; negative if it is over.
  public var nanosecondsFromNow: Int64 {
    let distance = Double(millisecondsSinceEpoch) * 1e6 - Date().timeIntervalSince1970 * 1e9
    return Int64(max(-9e18, min(9e18, distance)))
  }

  /// How long after another moment this one is, in nanoseconds; what does not fit 64 bits is clamped.
  func nanoseconds(since other: Timestamp) -> Int64 {
    millisecondsSinceEpoch.clampedDifference(other.millisecondsSinceEpoch).clampedProduct(1_000_000)
  }

  /// The earlier moment is the lesser.
  public static func < (earlier: Timestamp, later: Timestamp) -> Bool {
    earlier.millisecondsSinceEpoch < later.millisecondsSinceEpoch
  }
}

extension Timestamp: CustomStringConvertible, LosslessStringConvertible {
  /// RFC 3339 with milliseconds and `Z`.
  public var description: String {
    let (days, rest) = millisecondsSinceEpoch.flooredDivision(by: 86_400_000)
    let (year, month, day) = Self.civil(fromDays: days)
    let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60)
    return year.padded(4) + "-" + month.padded(2) + "-" + day.padded(2) + "T" + hour.padded(2)
      + ":" + minute.padded(2) + ":" + second.padded(2) + "." + (rest % 1000).padded(3) + "Z"
  }

  /// Reads RFC 3339 in UTC: `2026-11-21T02:30:00Z`, with or without a fraction.
  public init?(_ description: String) {
    let parts = description.split(separator: "T", maxSplits: 1)
    guard parts.count == 2, description.hasSuffix("Z") else { return nil }
    let date = parts[0].split(separator: "-").map { Int64($0) }
    let clock = parts[1].dropLast().split(separator: ":")
    guard date.count == 3, let year = date[0], let month = date[1], let day = date[2],
      clock.count == 3, let hour = Int64(clock[0]), let minute = Int64(clock[1]),
      let seconds = Double(clock[2]), (1...12).contains(month), (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0..<61).contains(seconds),
      (0...9999).contains(year)
    else { return nil }
    let days = Self.days(fromYear: year, month: month, day: day)
    self.init(
      millisecondsSinceEpoch: ((days * 24 + hour) * 60 + minute) * 60_000
        + Int64((seconds * 1000).rounded()))
  }

  // Days and dates of the proleptic Gregorian calendar in eras of 400 years that begin in March.

  private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (
      era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * marchMonth + 2) / 5 + 1
    )
  }

  private static func days(fromYear year: Int64, month: Int64, day: Int64) -> Int64 {
    let (era, yearOfEra) = (month <= 2 ? year - 1 : year).flooredDivision(by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

extension Timestamp: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let timestamp = Timestamp(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UTC time")
    }
    self = timestamp
  }

  /// Writes the text form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  fileprivate func padded(_ width: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}

extension Duration {
  /// The duration in whole nanoseconds, towards zero; what does not fit 64 bits is clamped.
  public var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carry ? (seconds < 0 ? .min : .max) : sum
  }
}
