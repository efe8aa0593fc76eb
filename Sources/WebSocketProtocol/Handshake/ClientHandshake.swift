public import HTTP

/// The client's side of the opening handshake (RFC 6455 §4.1), sans I/O.
///
/// Write the request, then feed it what arrives until it reports an outcome; then it can be
/// dropped. Octets after the response are frames and stay with the caller.
public struct ClientHandshake: Sendable {
  /// What came of the octets so far.
  public enum Outcome: Sendable {
    /// The head is not complete.
    case needsMore
    /// The connection is open; the last call's octets held `byteCount` of the handshake.
    case established(Established, byteCount: Int)
    /// The connection must be failed (RFC 6455 §7.1.7).
    case failed(HandshakeFailure)
  }

  /// What client and server agreed on.
  public struct Established: Hashable, Sendable {
    /// The response as it was sent.
    public let head: ResponseHead
    /// The subprotocol the server chose, or nil.
    public let subprotocol: String?
    /// The compression the server agreed to, or nil.
    public let compression: PerMessageDeflate.Agreement?
  }

  /// The request that is sent.
  public let request: RequestHead
  private let expectation: ExpectedResponse
  private var parser: FinalResponseParser

  /// Composes the request.
  /// - Parameters:
  ///   - url: The server and the resource.
  ///   - key: A key drawn anew for this connection.
  ///   - subprotocols: Subprotocols in the order of preference.
  ///   - compression: Offers of permessage-deflate in the order of preference.
  ///   - fields: Further fields, such as Origin or Authorization; a Host field among them takes the
  ///     place of the URL's.
  ///   - extensions: The value of Sec-WebSocket-Extensions, whatever it is; nil: `compression`.
  ///   - limits: What the response may grow to.
  public init(
    url: WebSocketURL, key: HandshakeKey, subprotocols: [String] = [],
    compression: [PerMessageDeflate.Offer] = [], fields: HTTPFields = HTTPFields(),
    extensions: String? = nil, limits: HeadLimits = HeadLimits()
  ) {
    var head = RequestHead(target: url.resourceName)
    if !fields.contains(.http1Host) {
      head.fields.append(HTTPField(name: .http1Host, value: url.authority))
    }
    head.fields.append(HTTPField(name: .upgrade, value: "websocket"))
    head.fields.append(HTTPField(name: .connection, value: "Upgrade"))
    head.fields.append(HTTPField(name: .secWebSocketKey, value: key.value))
    head.fields.append(HTTPField(name: .secWebSocketVersion, value: "13"))
    if !subprotocols.isEmpty {
      head.fields[.secWebSocketProtocol] = subprotocols.joined(separator: ", ")
    }
    if let extensions {
      head.fields[.secWebSocketExtensions] = extensions
    } else if !compression.isEmpty {
      head.fields[.secWebSocketExtensions] = compression.map(\.element.description)
        .joined(separator: ", ")
    }
    for field in fields {
      head.fields.append(field)
    }
    request = head
    expectation = ExpectedResponse(
      acceptValue: key.acceptValue, subprotocols: subprotocols, offers: compression)
    parser = FinalResponseParser(limits: limits)
  }

  /// Appends the request.
  public func writeRequest(to output: inout [UInt8]) {
    // A URL's resource name has no octet that a request target may not have.
    try? request.write(to: &output)
  }

  /// Takes the next octets.
  ///
  /// After an outcome other than `needsMore` it must not be fed again.
  public mutating func receive(_ bytes: Span<UInt8>) -> Outcome {
    let complete: (head: ResponseHead, byteCount: Int)?
    do {
      complete = try parser.parse(bytes)
    } catch {
      return .failed(.unreadable(error))
    }
    guard let (head, byteCount) = complete else { return .needsMore }
    do {
      return .established(try expectation.validate(head), byteCount: byteCount)
    } catch {
      return .failed(error)
    }
  }
}
