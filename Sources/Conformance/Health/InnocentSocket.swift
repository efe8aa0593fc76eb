import HTTP
import Transport
import WebSocketProtocol

/// A second connection to the server, which breaks no rule: it asks for echoes, one after another.
final class InnocentSocket: StreamSocket {
  /// What becomes of it.
  enum Event {
    /// It is open, and may ask.
    case opened
    /// The echo of what was asked has arrived.
    case answered
    /// It is lost, and why.
    case lost(String)
  }

  private let plan: PlayPlan
  private let keys: MaskingKeySource
  private let report: (InnocentSocket, Event) -> Void
  private var handshake: ClientHandshake?
  private var input: [UInt8] = []
  private var questionCount = 0
  private var question: [UInt8] = []
  private var hasEnded = false

  init(
    plan: PlayPlan, keys: MaskingKeySource, loop: EventLoop,
    report: @escaping (InnocentSocket, Event) -> Void
  ) {
    self.plan = plan
    self.keys = keys
    self.report = report
    super.init(loop: loop)
  }

  /// Sends a text whose echo is to come back.
  func ask() {
    questionCount += 1
    question = Array("an innocent question, number \(questionCount)".utf8)
    send(Frame(.text, question, maskingKey: keys.next()))
  }

  /// Says goodbye; nothing is reported any more.
  func leave() {
    guard !hasEnded else { return }
    hasEnded = true
    send(.close(.normalClosure, maskingKey: keys.next()))
    close(linger: .milliseconds(500))
  }

  private func send(_ frame: Frame) {
    write(frame.encoded.span)
  }

  private func end(_ reason: String) {
    guard !hasEnded else { return }
    hasEnded = true
    report(self, .lost(reason))
    abort()
  }

  // MARK: Callbacks

  override func connected(_ timings: ConnectTimings) {
    let handshake = ClientHandshake(
      url: plan.url, key: plan.handshakeKey(), subprotocols: plan.subprotocols,
      fields: plan.fields)
    var request: [UInt8] = []
    handshake.writeRequest(to: &request)
    self.handshake = handshake
    write(request.span)
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    var start = 0
    if let outcome = handshake?.receive(bytes.span) {
      switch outcome {
      case .needsMore: return
      case .failed(let failure): return end(String(describing: failure))
      case .established(_, let byteCount):
        handshake = nil
        start = byteCount
        report(self, .opened)
      }
    }
    bytes.span.extracting(droppingFirst: start).append(to: &input)
    while !hasEnded, let (header, byteCount) = FrameHeader.decode(input.span) {
      guard header.payloadLength <= 1 << 20 else { return end("it was sent a frame too long") }
      let whole = byteCount + Int(header.payloadLength)
      guard input.count >= whole else { return }
      let payload = Array(input[byteCount..<whole])
      input.removeFirst(whole)
      take(header, payload)
    }
  }

  private func take(_ header: FrameHeader, _ payload: [UInt8]) {
    switch header.opcode {
    case .ping: send(Frame(.pong, payload, maskingKey: keys.next()))
    case .close: end("it was sent a Close")
    case .text where payload == question && !question.isEmpty:
      question = []
      report(self, .answered)
    default: break
    }
  }

  override func receivedEndOfStream() {
    end("the server closed TCP")
    close()
  }

  override func closed(_ reason: CloseReason) {
    end(String(describing: reason))
  }
}
