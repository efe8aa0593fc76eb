/// A server to be tested: where it is, and how it is started if we are to start it.
///
/// On a line: `NAME = [URL] [COMMAND]`. `{port}` in either stands for a free port; without a URL it
/// is `ws://127.0.0.1:{port}/`.
public struct Peer: Hashable, Sendable {
  /// The name in reports; nil: what the server calls itself.
  public var name: String?
  /// Where it is.
  public var url: String
  /// What a shell runs to start it; nil: it is there already.
  public var command: String?

  /// Where a server is that we start, unless somebody says otherwise.
  public static let usualURL = "ws://127.0.0.1:{port}/"

  /// A peer.
  public init(name: String?, url: String = Self.usualURL, command: String? = nil) {
    self.name = name
    self.url = url
    self.command = command
  }

  /// Parses `NAME = [URL] [COMMAND]`.
  ///
  /// - Throws: `PeerSyntaxError`, which says what was expected.
  public init(parsing text: String) throws(PeerSyntaxError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts[0].trimmingSpaces
    guard parts.count == 2, !name.isEmpty else {
      throw PeerSyntaxError(message: "expected NAME = [URL] [COMMAND] instead of '\(text)'")
    }
    self.name = name
    let rest = parts[1].trimmingSpaces
    guard !rest.isEmpty else {
      throw PeerSyntaxError(message: "expected a URL or a command after '\(name) ='")
    }
    let first = rest.prefix { !$0.isWhitespace }
    let isURL = ["ws:", "wss:", "ws+unix:", "wss+unix:"].contains { first.hasPrefix($0) }
    url = isURL ? String(first) : Self.usualURL
    let command = isURL ? rest.dropFirst(first.count).description.trimmingSpaces : rest
    self.command = command.isEmpty ? nil : command
    if command.contains("{port}"), !url.contains("{port}") {
      throw PeerSyntaxError(
        message: "expected a URL with {port}, as in the command, instead of '\(url)'")
    }
    if self.command == nil, url.contains("{port}") {
      throw PeerSyntaxError(message: "expected a command after '\(url)', which has {port}")
    }
  }

  /// Parses a file of peers: a line for each; empty lines and those that begin with `#` are skipped.
  ///
  /// - Throws: `PeerSyntaxError` with the place of the first mistake.
  public static func parse(file octets: [UInt8], path: String) throws(PeerSyntaxError) -> [Peer] {
    var peers: [Peer] = []
    let lines = octets.split(separator: 0x0a, omittingEmptySubsequences: false)
    for (index, octets) in lines.enumerated() {
      let place = "\(path):\(index + 1): error: "
      guard let line = String(validating: octets, as: UTF8.self)?.trimmingSpaces else {
        throw PeerSyntaxError(message: place + "expected UTF-8")
      }
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      do throws(PeerSyntaxError) {
        let peer = try Peer(parsing: line)
        guard !peers.contains(where: { $0.name == peer.name }) else {
          throw PeerSyntaxError(message: "expected another name: '\(peer.name ?? "")' is taken")
        }
        peers.append(peer)
      } catch {
        throw PeerSyntaxError(message: place + error.message)
      }
    }
    guard !peers.isEmpty else {
      throw PeerSyntaxError(message: "\(path):1: error: expected a line NAME = [URL] [COMMAND]")
    }
    return peers
  }
}

/// A mistake in how a peer is described.
public struct PeerSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line: what was expected, with the place if it was in a file.
  public var message: String
  /// One line for people.
  public var description: String { message }
}

extension StringProtocol {
  fileprivate var trimmingSpaces: String {
    let start = drop { $0.isWhitespace }
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }
}
