/// A point in time as the fields of HTTP have it, to the second (RFC 9110 §5.6.7).
public struct HTTPDate: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The seconds since the beginning of 1970, UTC.
  public var secondsSince1970: Int

  /// Makes a date; years 1 to 9999 can be written.
  public init(secondsSince1970: Int) {
    self.secondsSince1970 = secondsSince1970
  }

  /// Orders dates in time.
  public static func < (left: HTTPDate, right: HTTPDate) -> Bool {
    left.secondsSince1970 < right.secondsSince1970
  }

  private static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The date as IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
  public var description: String {
    let days = Int((Double(secondsSince1970) / 86_400).rounded(.down))
    let rest = secondsSince1970 - days * 86_400
    let (year, month, day) = Self.civil(fromDays: days)
    let weekday = ((days + 4) % 7 + 7) % 7
    let years = String(year)
    return "\(Self.dayNames[weekday]), \(Self.pad(day)) \(Self.monthNames[month - 1]) "
      + String(repeating: "0", count: max(0, 4 - years.count)) + years
      + " \(Self.pad(rest / 3600)):\(Self.pad(rest / 60 % 60)):\(Self.pad(rest % 60)) GMT"
  }

  /// Reads any of the three forms that a recipient must accept, or returns nil.
  public init?(_ text: String) {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "," })
    let parts: (day: Substring, month: Substring, year: Substring, time: Substring)
    if words.count == 6, words[5] == "GMT" {
      parts = (words[1], words[2], words[3], words[4])
    } else if words.count == 4, words[3] == "GMT" {
      let date = words[1].split(separator: "-")
      guard date.count == 3 else { return nil }
      parts = (date[0], date[1], date[2], words[2])
    } else if words.count == 5 {
      parts = (words[2], words[1], words[4], words[3])
    } else {
      return nil
    }
    guard let month = Self.monthNames.firstIndex(of: String(parts.month)),
      let day = Self.number(parts.day, 1...31), var year = Self.number(parts.year, 0...9999)
    else { return nil }
    // RFC 9110 §5.6.7: two digits more than 50 years ahead are of the century before.
    if parts.year.count == 2 { year += year >= 70 ? 1900 : 2000 }
    let clock = parts.time.split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3, let hour = Self.number(clock[0], 0...23),
      let minute = Self.number(clock[1], 0...59), let second = Self.number(clock[2], 0...60)
    else { return nil }
    secondsSince1970 =
      Self.days(year: year, month: month + 1, day: day) * 86_400 + hour * 3600 + minute * 60
      + second
  }

  private static func number(_ text: Substring, _ allowed: ClosedRange<Int>) -> Int? {
    guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      let value = Int(text), allowed.contains(value)
    else { return nil }
    return value
  }

  private static func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  /// The days from 1970-01-01 to a date of the Gregorian calendar.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
