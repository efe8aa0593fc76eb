/// Numbers for people: few digits, a unit, thin spaces between thousands.
package enum NumberText {
  /// So many digits after the point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 9e18 else { return "\(value)" }
    let whole = UInt64(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let divisor = UInt64(scale)
    let fraction = String(whole % divisor)
    return "\(sign)\(whole / divisor)."
      + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  /// About three significant digits.
  static func short(_ value: Double) -> String {
    switch value.magnitude {
    case ..<0.0005: "0"
    case ..<10: fixed(value, 2)
    case ..<100: fixed(value, 1)
    default: fixed(value, 0)
    }
  }

  /// A whole number with thin spaces: `1 234 567`.
  static func grouped(_ value: Int, separator: String = "\u{202F}") -> String {
    let digits = Array(String(value.magnitude))
    var output = value < 0 ? "-" : ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position).isMultiple(of: 3) { output += separator }
      output.append(digit)
    }
    return output
  }

  /// A number rounded to a whole one, with commas: `1,234,567`; any number that a file may hold.
  package static func grouped(_ value: Double) -> String {
    whole(value, separator: ",")
  }

  /// So many of something: `1 case`, `1,234 cases`.
  package static func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count, separator: ",")) \(noun)\(count == 1 ? "" : "s")"
  }

  /// A value without its fraction, in groups; as it is where that is no `Int`.
  static func whole(_ value: Double, separator: String = "\u{202F}") -> String {
    guard value.magnitude < 9e18 else { return "\(value)" }
    return grouped(Int(value.rounded()), separator: separator)
  }

  /// `740 ns`, `61.4 µs`, `1.25 ms`, `2.00 s`.
  package static func duration(nanoseconds: Double) -> String {
    switch nanoseconds.magnitude {
    case ..<0.5: "0"
    case ..<999.5: "\(fixed(nanoseconds, 0)) ns"
    case ..<999_500: "\(short(nanoseconds / 1e3)) µs"
    case ..<999_500_000: "\(short(nanoseconds / 1e6)) ms"
    case ..<120e9: "\(short(nanoseconds / 1e9)) s"
    default: "\(short(nanoseconds / 60e9)) min"
    }
  }

  /// Octets with a binary unit: `16 KiB`, `3.42 GiB`.
  static func octets(_ count: Double) -> String {
    var value = count
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1023.5 { return "\(unit == "B" ? fixed(value, 0) : trimmedShort(value)) \(unit)" }
      value /= 1024
    }
    return "\(trimmedShort(value)) TiB"
  }

  /// A count with a decimal unit: `950`, `12.3 k`, `4.56 M`.
  static func count(_ value: Double) -> String {
    switch value {
    case ..<9_999.5: whole(value)
    case ..<999_500: "\(short(value / 1e3)) k"
    case ..<999_500_000: "\(short(value / 1e6)) M"
    default: "\(short(value / 1e9)) G"
    }
  }

  private static func trimmedShort(_ value: Double) -> String {
    value == value.rounded() ? fixed(value, 0) : short(value)
  }
}
