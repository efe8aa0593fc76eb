import WebSocketProtocol

extension Step: CustomStringConvertible {
  /// The step as a case file writes it, without its `>`.
  public var description: String {
    switch self {
    case .frame(let frame): frame.description
    case .message(let message):
      "\(message.kind.word) \(message.payload)\(StepNotation.cut(message))"
        + StepNotation.delivery(message.delivery)
    case .header(let header):
      "head \(header.opcode.word)" + (header.isFinal ? "" : " fin=0")
        + (header.rsv == 0 ? "" : " rsv=\(header.rsv)")
        + StepNotation.masking(header.masking) + " length=\(header.payloadLength)"
    case .piece(let payload): "piece \(payload)"
    case .octets(let payload, let delivery):
      "octets \(payload)" + StepNotation.delivery(delivery)
    case .close(let close): close.description
    case .pause(let pause):
      "wait \(StepNotation.duration(pause.duration))"
        + (pause.mark.map { " mark=\($0)" } ?? "")
        + (pause.condition == .open ? " while=open" : "")
    case .exchange(let exchange): exchange.description
    case .reading(let isOn): isOn ? "read-on" : "stop-reading"
    case .endOfStream: "end-of-stream"
    case .reset: "reset"
    case .opening(let script): script.description
    case .awaitOpen: "wait open"
    }
  }
}

extension Step.Frame: CustomStringConvertible {
  /// The frame as a case file writes it: `text "Hello" fin=0 rsv=2`.
  public var description: String {
    let word = opcode.word
    // `close` alone is the step that respects the state of the connection.
    let isNamed = Int(word) == nil && opcode != .close
    var text = isNamed ? word : "frame \(word)"
    if payload != .empty || isNamed { text += " \(payload)" }
    if !isFinal { text += " fin=0" }
    if rsv != 0 { text += " rsv=\(rsv)" }
    text += StepNotation.masking(masking)
    switch length {
    case .minimal: break
    case .sevenBit(let value): text += " length=7bit" + (value.map { ":\($0)" } ?? "")
    case .sixteenBit(let value): text += " length=16bit" + (value.map { ":\($0)" } ?? "")
    case .sixtyFourBit(let value): text += " length=64bit" + (value.map { ":\($0)" } ?? "")
    }
    return text + StepNotation.delivery(delivery)
  }
}

extension Step.Close: CustomStringConvertible {
  /// The Close as a case file writes it: `close 1000 "bye"`.
  public var description: String {
    "close" + (code.map { " \($0)" } ?? "") + (reason == .empty ? "" : " \(guardedReason)")
      + StepNotation.delivery(delivery)
  }

  /// The reason; in parentheses where its first number would be read as the code.
  private var guardedReason: String {
    let text = reason.description
    return text.utf8.first?.isDigit == true ? "(\(text))" : text
  }
}

extension Step.Exchange: CustomStringConvertible {
  /// The exchange as a case file writes it: `exchange 1000 text slices(json, 16)`.
  public var description: String {
    var text = "exchange \(count) \(kind.word) "
    switch content {
    case .constant(let payload): text += payload.description
    case .slices(let corpus, let length): text += "slices(\(corpus.rawValue), \(length))"
    }
    if let fragmentSize { text += " cut=\(fragmentSize)" }
    if aliasComparison == .length { text += " alias-compares=length" }
    return text
  }
}

/// Attributes that several steps share.
enum StepNotation {
  /// How a message is compressed and cut; one that is neither is told from a frame by `cut=none`.
  static func cut(_ message: Step.Message) -> String {
    let cut = message.fragmentSize.map { " cut=\($0)" }
    guard let compression = message.compression else { return cut ?? " cut=none" }
    let blocks = compression == .smallest ? "" : "=\(compression.rawValue)"
    return " deflate\(blocks)\(cut ?? "")"
  }

  static func delivery(_ delivery: Delivery) -> String {
    switch delivery {
    case .together: ""
    case .alone: " sync"
    case .pieces(let size): " chop=\(size)"
    }
  }

  static func masking(_ masking: Step.Masking) -> String {
    switch masking {
    case .byRole: ""
    case .none: " mask=none"
    case .random: " mask=random"
    case .key(let key): " mask=\(key.hexadecimal)"
    }
  }

  static func duration(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    if attoseconds == 0 { return "\(seconds)s" }
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    let fraction = microseconds % 1000
    let milliseconds = "\(microseconds / 1000)"
    guard fraction > 0 else { return milliseconds + "ms" }
    var digits = "\(fraction + 1000)".dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(milliseconds).\(digits)ms"
  }
}

extension MaskingKey {
  /// The eight hexadecimal digits, in the order of the wire.
  var hexadecimal: String {
    let (first, second, third, fourth) = octets
    return [first, second, third, fourth].map(PayloadNotation.octet).joined()
  }
}
