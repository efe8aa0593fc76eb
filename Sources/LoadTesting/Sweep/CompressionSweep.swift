import WebSocketProtocol

/// What compression costs and gains: the same echo, with each kind of payload, without compression and
/// with each choice of its parameters.
public struct CompressionSweep: Sendable, Equatable {
  /// One run of the sweep.
  public struct Variant: Sendable, Equatable {
    /// What distinguishes it: the payload and the parameters.
    public var name: String
    /// What is played.
    public var plan: LoadPlan
  }

  /// What all runs have in common.
  public var base: LoadPlan
  /// The payloads, each played with everything else.
  public var contents: [PayloadContent] = [.json, .text, .random]
  /// The windows of both sides, 9 to 15 bits.
  public var windowBits: [Int] = [9, 12, 15]
  /// Whether windows are kept from one message to the next.
  public var takeovers: [Bool] = [true, false]
  /// zlib's level for what we send.
  public var level = 6

  /// A sweep of runs that are otherwise like `base`.
  public init(_ base: LoadPlan) {
    self.base = base
  }

  /// All runs: for each payload first the one without compression.
  public var variants: [Variant] {
    contents.flatMap { content in
      [variant(content, nil)]
        + windowBits.flatMap { bits in
          takeovers.map { variant(content, compression(windowBits: bits, keepsWindow: $0)) }
        }
    }
  }

  private func compression(windowBits bits: Int, keepsWindow: Bool) -> LoadPlan.Compression {
    var compression = LoadPlan.Compression()
    compression.level = level
    compression.serverMaxWindowBits = bits
    compression.clientMaxWindowBits = bits
    compression.serverNoContextTakeover = !keepsWindow
    compression.clientNoContextTakeover = !keepsWindow
    return compression
  }

  private func variant(
    _ content: PayloadContent, _ compression: LoadPlan.Compression?
  ) -> Variant {
    var plan = base
    plan.payload = .generated(content, byteCount: base.payloadByteCount)
    plan.kind = content == .json || content == .text ? .text : .binary
    plan.compression = compression
    var name = "\(content.rawValue), "
    if let compression {
      name += "window \(compression.serverMaxWindowBits ?? 15), "
      name += compression.serverNoContextTakeover ? "no takeover" : "takeover"
    } else {
      name += "plain"
    }
    return Variant(name: name, plan: plan)
  }

  /// Throws for a sweep that makes no sense.
  public func validate() throws(LoadPlanError) {
    guard !contents.isEmpty, !windowBits.isEmpty, !takeovers.isEmpty else {
      throw LoadPlanError(description: "a sweep needs payloads, windows, and takeover or not")
    }
    // A window of 8 bits is what zlib's raw deflate does not make.
    guard windowBits.allSatisfy({ 9...15 ~= $0 }) else {
      throw LoadPlanError(description: "window bits: each is between 9 and 15")
    }
    guard base.workload != .idle, base.replay == nil else {
      throw LoadPlanError(description: "a sweep needs messages: a depth or a rate")
    }
    for variant in variants { try variant.plan.validate() }
  }
}
