public import WebSocketProtocol

/// One rule, broken: what a twin does otherwise than its honest original.
///
/// A fault is declared once, in one of the lists beside this file; nothing else knows of it.
public struct Fault: Sendable {
  /// What the broken rule is about.
  public enum Area: String, Sendable, CaseIterable {
    /// The opening handshake.
    case handshake
    /// Headers, lengths, masks, opcodes and reserved bits.
    case framing
    /// Messages in several frames.
    case fragmentation
    /// The text of messages.
    case text = "UTF-8"
    /// Pings and Pongs.
    case control
    /// The closing handshake and the end of TCP.
    case close
    /// permessage-deflate.
    case deflate
    /// Bounds on what a peer may send.
    case limits
    /// Memory, time and connections.
    case resources
  }

  /// The name, as the command line takes it.
  public let name: String
  /// What the twin does, in one sentence.
  public let sentence: String
  /// The clause it breaks, as `RFC 6455 §5.1`.
  public let clause: String
  /// Which endpoints can have it.
  public let sides: Set<Role>
  /// What the broken rule is about.
  public let area: Area
  /// The change to the honest twin.
  let deviation: Deviation

  init(
    _ sides: Set<Role>, _ area: Area, _ name: String, _ clause: String, _ sentence: String,
    _ change: (inout Deviation) -> Void
  ) {
    self.name = name
    self.sentence = sentence
    self.clause = clause
    self.sides = sides
    self.area = area
    var deviation = Deviation()
    change(&deviation)
    self.deviation = deviation
  }

  /// All faults, in the order of areas.
  public static let all: [Fault] =
    requestFaults + responseFaults + clientTrustFaults + clientHandshakeFaults + framingFaults
    + sendingFaults + fragmentationFaults + textFaults + controlFaults + closeFaults
    + closeCodeFaults + negotiationFaults + compressionFaults + limitFaults + resourceFaults

  /// The faults that an endpoint of this role can have.
  public static func all(of side: Role) -> [Fault] {
    all.filter { $0.sides.contains(side) }
  }

  /// The fault of this name that an endpoint of this role can have.
  public static func named(_ name: String, of side: Role) -> Fault? {
    all.first { $0.name == name && $0.sides.contains(side) }
  }
}

extension Set<Role> {
  /// Faults of servers only.
  static let server: Set<Role> = [.server]
  /// Faults of clients only.
  static let client: Set<Role> = [.client]
  /// Faults that both can have.
  static let both: Set<Role> = [.server, .client]
}
