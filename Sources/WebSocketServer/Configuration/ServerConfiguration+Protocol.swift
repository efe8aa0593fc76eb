import WebSocketProtocol

extension CompressionPolicy {
  /// The part of the policy that is negotiated.
  var policy: PerMessageDeflate.Policy {
    PerMessageDeflate.Policy(
      serverNoContextTakeover: serverNoContextTakeover,
      clientNoContextTakeover: clientNoContextTakeover,
      serverMaxWindowBits: serverMaxWindowBits, clientMaxWindowBits: clientMaxWindowBits)
  }
}

extension ServerConfiguration {
  /// The part of the configuration that the protocol core keeps to.
  func makeConnectionConfiguration() -> ConnectionConfiguration {
    let limits = ConnectionLimits(
      frameByteCount: limits.framePayloadByteCount, messageByteCount: limits.messageByteCount,
      inflatedMessageByteCount: limits.inflatedMessageByteCount,
      fragmentCount: limits.fragmentCount)
    let compression = compression ?? CompressionPolicy()
    return ConnectionConfiguration(
      limits: limits, delivery: delivery.coreDelivery,
      validatesUTF8: validatesUTF8, closingTimeout: timeouts.closingHandshake,
      compressionThreshold: compression.threshold, compressionLevel: compression.level,
      compressionMemoryLevel: compression.memoryLevel,
      releasesCompressionContext: compression.releasesContext,
      fragmentByteCount: fragmentByteCount)
  }
}

extension MessageDelivery {
  fileprivate var coreDelivery: ConnectionConfiguration.Delivery {
    switch self {
    case .messages: .messages
    case .fragments: .fragments
    case .asSent: .asSent
    }
  }
}
