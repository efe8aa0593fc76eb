/// The version in the start line of a message (RFC 9112 §2.3).
public struct HTTPVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The digit before the dot: the syntax of messages.
  public var major: UInt8
  /// The digit after the dot: what the sender understands beyond that.
  public var minor: UInt8

  /// Makes a version of two digits.
  public init(major: UInt8, minor: UInt8) {
    precondition(major < 10 && minor < 10, "an HTTP version has two digits")
    self.major = major
    self.minor = minor
  }

  /// HTTP/1.0.
  public static var http10: HTTPVersion { HTTPVersion(major: 1, minor: 0) }
  /// HTTP/1.1.
  public static var http11: HTTPVersion { HTTPVersion(major: 1, minor: 1) }

  /// The version as it stands in a start line.
  public var description: String { "HTTP/\(major).\(minor)" }

  /// Orders versions by their major number, then by their minor one.
  public static func < (left: HTTPVersion, right: HTTPVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }

  /// Reads `HTTP/` DIGIT `.` DIGIT, case-sensitively.
  init?(_ octets: Span<UInt8>) {
    guard octets.count == 8, octets[6] == UInt8(ascii: ".") else {
      return nil
    }
    for (index, expected) in "HTTP/".utf8.enumerated() where octets[index] != expected {
      return nil
    }
    let major = octets[5] &- UInt8(ascii: "0")
    let minor = octets[7] &- UInt8(ascii: "0")
    guard major < 10, minor < 10 else {
      return nil
    }
    self.init(major: major, minor: minor)
  }
}
