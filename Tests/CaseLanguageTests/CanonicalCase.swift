import CaseLanguage
import WebSocketProtocol

/// A case as one line of facts, to compare with `Fixtures/established-517.tsv`.
///
/// Columns: number; steps; deadline; events; ending; compression; report. A payload is its length
/// and the FNV-1a hash of its first 64 KiB.
struct CanonicalCase {
  var line: String

  init(_ item: Case) {
    let deadline = item.deadline.map {
      "\($0.action.rawValue) \(Self.milliseconds($0.duration))"
    }
    let compression = item.compression.map { policy in
      policy.offerFieldValue + " / "
        + policy.acceptance.map(\.description).joined(separator: ", ")
    }
    var report: [String] = []
    if item.report.contains(.time) { report.append("time") }
    if item.report.contains(.compressionRatio) { report.append("ratio") }
    line = [
      item.number(in: "autobahn") ?? "", item.steps.map(Self.step).joined(separator: "; "),
      deadline ?? "", Self.events(item.expectation), Self.ending(item.expectation),
      compression ?? "-", report.isEmpty ? "-" : report.joined(separator: ","),
    ].joined(separator: "\t")
  }

  static func step(_ step: Step) -> String {
    switch step {
    case .frame(let frame):
      return "frame \(frame.opcode.rawValue) fin=\(frame.isFinal ? 1 : 0) rsv=\(frame.rsv)"
        + " \(payload(frame.payload))\(delivery(frame.delivery))"
        + (frame.masking == .byRole && frame.length == .minimal ? "" : " unusual")
    case .message(let message) where message.frameLengths.count == 1:
      return "frame \(message.kind.opcode.rawValue) fin=1 rsv=0 \(payload(message.payload))"
        + delivery(message.delivery)
    case .message(let message):
      let lengths = message.frameLengths
      return "message \(message.kind.opcode.rawValue) \(payload(message.payload))"
        + " cut=\(message.fragmentSize ?? 0) frames=\(lengths.count) last=\(lengths.last ?? 0)"
        + delivery(message.delivery)
    case .header(let header):
      return "head \(header.opcode.rawValue) fin=\(header.isFinal ? 1 : 0) \(header.payloadLength)"
        + (header.rsv == 0 && header.masking == .byRole ? "" : " unusual")
    case .piece(let octets): return "piece \(payload(octets))"
    case .close(let close): return "close \(payload(close.payload))"
    case .pause(let pause):
      return "wait \(milliseconds(pause.duration)) \(pause.mark.map { "mark=\($0)" } ?? "-")"
        + " \(pause.condition == .open ? "open" : "not-closed")"
    case .exchange(let exchange):
      let content =
        switch exchange.content {
        case .constant(let octets): "constant \(payload(octets))"
        case .slices(let corpus, let length): "slices \(corpus.rawValue) \(length)"
        }
      return "exchange \(exchange.count) \(exchange.kind) \(content)"
        + " cut=\(exchange.fragmentSize ?? 0) \(exchange.aliasComparison)"
    case .octets, .reading, .endOfStream, .reset, .opening, .awaitOpen: return "not established"
    }
  }

  static func events(_ expectation: Expectation) -> String {
    switch expectation.judgement {
    case .exchange: return "exchange"
    case .firstMessage:
      return "first " + expectation.reactions[0].events.map(event).joined(separator: ", ")
    case .events:
      return expectation.establishedReactions.map { reaction in
        "\(reaction.grade.rawValue)=[\(reaction.events.map(event).joined(separator: ", "))]"
      }.joined(separator: " ")
    }
  }

  static func event(_ event: ExpectedEvent) -> String {
    let text =
      switch event.kind {
      case .message(let kind, let octets): "\(kind) \(payload(octets))"
      case .pong(let octets): "pong \(payload(octets))"
      case .mark(let name): "mark \(name)"
      }
    return text + (event.isOptional ? "?" : "")
  }

  static func ending(_ expectation: Expectation) -> String {
    let endings = Set(expectation.establishedReactions.map(\.ending))
    guard endings.count == 1, let ending = endings.first else { return "different endings" }
    let codes = Set(ending.codes).sorted().map(String.init).joined(separator: ",")
    return (ending.initiator == .us ? "us" : "peer") + " \(codes)"
      + (ending.isCleanRequired ? " clean" : " any")
      + (ending.failsOnWrongInitiator ? " fatal=initiator" : "")
      + (ending.failsOnWrongCode && !expectation.isInformational ? " fatal=code" : "")
      + (expectation.isInformational ? " informational" : "")
  }

  static func delivery(_ delivery: Delivery) -> String {
    switch delivery {
    case .together: ""
    case .alone: " sync"
    case .pieces(let size): " chop=\(size)"
    }
  }

  static func milliseconds(_ duration: Duration) -> Int64 {
    duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
  }

  static func payload(_ payload: Payload) -> String {
    var octets: [UInt8]
    if case .repeated(let unit, let count) = payload {
      octets = Payload.repeated(unit, count: min(count, 65_536)).bytes()
    } else {
      octets = payload.bytes()
    }
    octets = Array(octets.prefix(65_536))
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for octet in octets { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return "\(payload.count):\(String(repeating: "0", count: 16 - digits.count))\(digits)"
  }
}
