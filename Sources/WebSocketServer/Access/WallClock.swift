import HTTP

#if canImport(Glibc)
  import Glibc
#endif

/// The time of day, for what outlives the process: cookies, keys, the Date field.
enum WallClock {
  /// Seconds since the beginning of 1970.
  static var seconds: Int { time(nil) }

  /// The value of the Date field (RFC 9110 §6.6.1).
  static var date: String { HTTPDate(secondsSince1970: seconds).description }
}
