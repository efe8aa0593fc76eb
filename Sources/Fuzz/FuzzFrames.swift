import WebSocketProtocol

/// What a connection made of its input, as far as the cuts have no say in it.
private struct Log: Equatable {
  var entries: [String] = []
  var payload: [UInt8] = []
  var output: [UInt8] = []
  /// The message whose fragments are coming; how much of it comes before a failure is up to the cuts.
  private var unfinished: [UInt8] = []

  static func == (left: Log, right: Log) -> Bool {
    left.entries == right.entries && left.payload == right.payload && left.output == right.output
  }

  mutating func note(_ entry: String, _ span: Span<UInt8>) {
    entries.append(entry)
    for index in span.indices { payload.append(span[index]) }
  }

  mutating func note(_ event: borrowing Event) {
    switch event {
    case .message(let kind, let bytes): note("message \(kind) \(bytes.count)", bytes)
    case .fragment(let kind, let bytes, _, let isFinal):
      for index in bytes.indices { unfinished.append(bytes[index]) }
      if isFinal {
        entries.append("message \(kind) \(unfinished.count)")
        payload += unfinished
        unfinished = []
      }
    case .ping(let bytes): note("ping", bytes)
    case .pong(let bytes): note("pong", bytes)
    case .close(let code, let reason): note("close \(code?.rawValue ?? 0)", reason)
    case .failed(let failure): entries.append("failed \(failure)")
    }
  }
}

/// Feeds a connection, whole and in pieces: both must come to the same.
func fuzzFrames(_ input: Span<UInt8>) {
  guard input.count > 2 else { return }
  let octets = input.extracting(droppingFirst: 2)
  let whole = play(octets, settings: input[0], cuts: nil)
  let cut = play(octets, settings: input[0], cuts: Cuts(seed: input.extracting(first: 2)))
  check(whole == cut, "cutting the input changed what came of it: \(whole) \(cut)")
}

private func play(_ input: Span<UInt8>, settings: UInt8, cuts: Cuts?) -> Log {
  let configuration = ConnectionConfiguration(
    limits: ConnectionLimits(
      frameByteCount: 1 << 16, messageByteCount: 1 << 17, inflatedMessageByteCount: 1 << 18,
      fragmentCount: 64),
    delivery: settings & 1 == 0 ? .messages : .fragments)
  let agreement =
    settings & 2 == 0
    ? nil
    : PerMessageDeflate.Agreement(
      serverNoContextTakeover: settings & 4 != 0, clientNoContextTakeover: settings & 8 != 0)
  var connection = Connection(
    role: settings & 16 == 0 ? .server : .client, configuration: configuration,
    compression: agreement,
    maskingKeys: MaskingKeySource { keys in keys = keys.map { _ in 0x0102_0304 } })
  var log = Log()
  let now = ContinuousClock.Instant.now
  func feed(_ piece: Span<UInt8>) {
    var copy = [UInt8](copying: piece)
    var lent = Input(copy.mutableSpan)
    while let event = connection.nextEvent(&lent, at: now, output: &log.output) {
      log.note(event)
    }
  }
  if var cuts {
    cuts.forEachPiece(of: input) { piece in
      feed(piece)
      return true
    }
  } else {
    feed(input)
  }
  return log
}

extension [UInt8] {
  fileprivate init(copying span: Span<UInt8>) {
    self = []
    reserveCapacity(span.count)
    for index in span.indices { append(span[index]) }
  }
}
