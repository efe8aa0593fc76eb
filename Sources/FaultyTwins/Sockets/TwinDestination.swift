public import WebSocketProtocol

/// Where a twin connects to, and as whom.
public struct TwinDestination: Sendable {
  /// Where the server is.
  public let url: WebSocketURL
  /// The name and the secret, with a colon between; nil: none are sent.
  public let credentials: String?

  /// Reads a URL, which may have credentials before its host: `ws://NAME:SECRET@HOST/`.
  public init(_ text: String) throws(WebSocketURLError) {
    let start =
      text.firstIndex(of: "/").map { text[$0...].drop { $0 == "/" }.startIndex }
      ?? text.startIndex
    let end = text[start...].firstIndex { $0 == "/" || $0 == "?" } ?? text.endIndex
    guard let at = text[start..<end].lastIndex(of: "@") else {
      credentials = nil
      url = try WebSocketURL(text)
      return
    }
    credentials = String(text[start..<at])
    url = try WebSocketURL(String(text[..<start] + text[text.index(after: at)...]))
  }
}
