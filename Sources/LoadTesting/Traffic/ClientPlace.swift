/// One of the connections that a plan asks for: it stays while connections on it come and go.
final class ClientPlace {
  /// Its number in the group.
  let number: Int
  let dialogue: any Dialogue
  /// Whether its connections read slowly.
  let isSlow: Bool
  /// The connection that is open or being opened.
  var connection: ClientConnection?
  /// The place among the loop's senders, and the slot in the plan of an open loop; -1 for none.
  var sender = -1
  var slot: UInt64 = 0
  /// How many messages of the open loop's plan have been sent.
  var plannedCount: UInt64 = 0
  /// How many of its messages of a trace are due.
  var tracedCount: UInt64 = 0
  /// In a closed loop with an interval: when the next message may be sent.
  var nextSending: Int64 = 0
  /// When its connection is to end; churn.
  var lifeEnd = Int64.max
  /// Why a new connection is being opened; nil for the first one.
  var returning: Return?

  /// Why a connection was dropped on purpose.
  enum Return: Equatable {
    case churn
    /// In the storm of this number.
    case storm(Int)
    /// The server ended it.
    case lost
  }

  init(number: Int, dialogue: any Dialogue, isSlow: Bool) {
    self.number = number
    self.dialogue = dialogue
    self.isSlow = isSlow
  }
}
