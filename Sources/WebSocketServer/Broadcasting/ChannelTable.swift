/// Who has subscribed to which channel, among the connections of one loop.
struct ChannelTable {
  private struct Channel {
    var members: ContiguousArray<ServerConnection> = []
    var places: [ObjectIdentifier: Int] = [:]
  }

  private var channels: [String: Channel] = [:]

  /// The members of a channel.
  func members(of name: String) -> ContiguousArray<ServerConnection> {
    channels[name]?.members ?? []
  }

  /// Adds a connection; `false` if it is a member already.
  mutating func add(_ connection: ServerConnection, to name: String) -> Bool {
    var channel = channels.removeValue(forKey: name) ?? Channel()
    defer { channels[name] = channel }
    let key = ObjectIdentifier(connection)
    guard channel.places[key] == nil else { return false }
    channel.places[key] = channel.members.count
    channel.members.append(connection)
    return true
  }

  /// Takes a connection out; the last member takes its place.
  ///
  /// A channel without members is forgotten.
  mutating func remove(_ connection: ServerConnection, from name: String) {
    guard var channel = channels.removeValue(forKey: name) else { return }
    if let place = channel.places.removeValue(forKey: ObjectIdentifier(connection)) {
      let last = channel.members.removeLast()
      if last !== connection {
        channel.members[place] = last
        channel.places[ObjectIdentifier(last)] = place
      }
    }
    if !channel.members.isEmpty { channels[name] = channel }
  }
}
