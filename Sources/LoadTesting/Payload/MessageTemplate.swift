/// A message with places that are filled in when it is sent.
struct MessageTemplate: Equatable, Sendable {
  /// What may stand in double braces.
  enum Placeholder: String, CaseIterable, Sendable {
    /// The number of the message on its connection.
    case sequence
    /// The number of the connection in its group.
    case connection
    /// Nanoseconds since the epoch.
    case time
    /// The connection's channel.
    case channel
    /// What a subscriber must find in what was published, see ``DeliveryStamp``.
    case stamp
  }

  private enum Part: Equatable, Sendable {
    case octets([UInt8])
    case value(Placeholder)
  }

  /// What the places are filled with.
  struct Values {
    var sequence: UInt64 = 0
    var connection = 0
    var time: Int64 = 0
    var channel = ""
    var stamp: [UInt8] = []
  }

  private var parts: [Part] = []

  /// Reads a template; braces around anything else stay as they are.
  init(_ octets: [UInt8]) {
    var rest = octets[...]
    var literal: [UInt8] = []
    while let first = rest.first {
      if first == UInt8(ascii: "{"), let found = Self.placeholder(at: rest) {
        if !literal.isEmpty { parts.append(.octets(literal)) }
        literal = []
        parts.append(.value(found))
        rest = rest.dropFirst(found.rawValue.utf8.count + 4)
      } else {
        literal.append(first)
        rest = rest.dropFirst()
      }
    }
    if !literal.isEmpty { parts.append(.octets(literal)) }
  }

  private static func placeholder(at octets: ArraySlice<UInt8>) -> Placeholder? {
    Placeholder.allCases.first { octets.starts(with: "{{\($0.rawValue)}}".utf8) }
  }

  /// Whether the template has a place for `placeholder`.
  func contains(_ placeholder: Placeholder) -> Bool { parts.contains(.value(placeholder)) }

  /// The message.
  func octets(_ values: Values) -> [UInt8] {
    var output: [UInt8] = []
    for part in parts {
      switch part {
      case .octets(let octets): output += octets
      case .value(.sequence): output += "\(values.sequence)".utf8
      case .value(.connection): output += "\(values.connection)".utf8
      case .value(.time): output += "\(values.time)".utf8
      case .value(.channel): output += values.channel.utf8
      case .value(.stamp): output += values.stamp
      }
    }
    return output
  }

  /// What stands before and after the only place for `placeholder`; nil if there is another number of them, or if
  /// the rest differs from message to message.
  func surroundings(
    of placeholder: Placeholder, _ values: Values
  ) -> (before: [UInt8], after: [UInt8])? {
    guard let index = parts.firstIndex(of: .value(placeholder)),
      !contains(.sequence), !contains(.time), !contains(.connection),
      !parts[(index + 1)...].contains(.value(placeholder))
    else { return nil }
    var before = self
    before.parts = Array(parts[..<index])
    var after = self
    after.parts = Array(parts[(index + 1)...])
    return (before.octets(values), after.octets(values))
  }
}
