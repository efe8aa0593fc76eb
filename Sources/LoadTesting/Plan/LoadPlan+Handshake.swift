public import HTTP
public import Transport

/// What is added to the opening handshake, and shown in TLS.
extension LoadPlan {
  /// Fields that are the handshake's own, and what says what is in them.
  private static let ownFields: [(name: HTTPField.Name, advice: String)] = [
    (.upgrade, "leave it out"), (.connection, "leave it out"),
    (.secWebSocketKey, "leave it out"), (.secWebSocketVersion, "leave it out"),
    (.secWebSocketProtocol, "offer subprotocols in its place (--subprotocol)"),
    (.secWebSocketExtensions, "leave it to the offer of compression"),
  ]

  /// Further fields of an opening handshake.
  ///
  /// - Parameter lines: The fields as somebody wrote them.
  /// - Returns: The fields.
  /// - Throws: if a line is no field, or one that the handshake sets itself.
  public static func fields(from lines: [Field]) throws(LoadPlanError) -> HTTPFields {
    var fields = HTTPFields()
    for line in lines {
      guard let name = HTTPField.Name(line.name) else {
        throw LoadPlanError(
          description: "a header field cannot be called \(line.name.debugDescription): "
            + "write NAME: VALUE, with no space in NAME")
      }
      guard HTTPField.isValidValue(line.value) else {
        throw LoadPlanError(
          description: "the value of header field \(line.name) has control characters: "
            + "leave them out")
      }
      if let own = ownFields.first(where: { $0.name == name }) {
        throw LoadPlanError(
          description: "header field \(line.name) is the handshake's own: \(own.advice)")
      }
      fields.append(HTTPField(name: name, value: line.value))
    }
    return fields
  }

  /// Throws if one of them cannot be offered, or is there twice (RFC 6455 §4.1).
  public static func check(subprotocols: [String]) throws(LoadPlanError) {
    for name in subprotocols {
      // A field's name is a token, as a subprotocol's is.
      guard HTTPField.Name(name) != nil else {
        throw LoadPlanError(
          description: "a subprotocol cannot be called \(name.debugDescription): "
            + "its name has no space and no separator")
      }
    }
    guard Set(subprotocols).count == subprotocols.count else {
      throw LoadPlanError(description: "a subprotocol is offered twice: name each once")
    }
  }

  /// What is shown to a server that asks for a certificate.
  public static func identity(
    certificateFile: String, privateKeyFile: String?
  ) -> TLSIdentity {
    privateKeyFile.map { .files(certificateChain: certificateFile, privateKey: $0) }
      ?? .bundle(file: certificateFile)
  }
}
