/// What was wrong with the replies of a run; every message is counted in at most one of the fields, but for
/// `duplicated`, which counts surplus replies.
public struct EchoFaults: Equatable, Sendable {
  /// Messages whose reply never came: the connection went on without it, ended, or the drain was over.
  public var lost: UInt64 = 0
  /// Replies that came again.
  public var duplicated: UInt64 = 0
  /// Replies that came after the reply to a later message of their connection.
  public var reordered: UInt64 = 0
  /// Replies that came after they had been given up for lack of a reply in time.
  public var late: UInt64 = 0
  /// Replies whose content, length or kind was not that of the message.
  public var corrupted: UInt64 = 0

  /// No faults.
  public init() {}

  /// All faults together.
  public var total: UInt64 { lost + duplicated + reordered + late + corrupted }

  /// Adds the faults of another part of the run.
  public static func += (left: inout EchoFaults, right: EchoFaults) {
    left.lost += right.lost
    left.duplicated += right.duplicated
    left.reordered += right.reordered
    left.late += right.late
    left.corrupted += right.corrupted
  }
}
