import CaseLanguage
import FoundationEssentials
import WebSocketProtocol

/// What a client of the established suite's direct mode asks for: a text message of JSON such as
/// `["sendframe", {"opcode": 9, "payload": "x"}]`, `["sendframes", […]]`, `["close", {"code": 1001}]`
/// or `["echo", {"payload": "x", "payload_len": 100}]`.
struct DriverCommand: Decodable {
  /// What is to be sent.
  let steps: [Step]

  /// Why a command cannot be obeyed; short enough for the reason of a Close.
  struct Mistake: Error, CustomStringConvertible {
    var description: String
  }

  /// The longest payload that a command may ask for, in octets.
  private static let payloadByteCount = 64 << 20

  /// Reads a message.
  static func parse(_ kind: MessageKind, _ octets: [UInt8]) throws(Mistake) -> DriverCommand {
    guard kind == .text else { throw Mistake(description: "commands are text messages of JSON") }
    do {
      return try JSONDecoder().decode(DriverCommand.self, from: Data(octets))
    } catch let mistake as Mistake {
      throw mistake
    } catch {
      throw Mistake(description: #"expected ["sendframe", {"opcode": 1, "payload": "x"}]"#)
    }
  }

  init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    switch try list.decode(String.self) {
    case "sendframe": steps = [.frame(try list.decode(Frame.self).frame(nil))]
    case "sendframes":
      steps = try list.decode([Frame].self).map { .frame(try $0.frame(nil)) }
    case "echo": steps = [.frame(try list.decode(Frame.self).frame(.text))]
    case "close":
      let close = try list.decode(Close.self)
      guard close.code != nil || close.reason == nil else {
        throw Mistake(description: "a reason needs a code")
      }
      steps = [.close(Step.Close(code: close.code, reason: .text(close.reason ?? "")))]
    default:
      throw Mistake(description: "the commands are sendframe, sendframes, close and echo")
    }
  }

  private struct Close: Decodable {
    var code: UInt16?
    var reason: String?
  }

  private struct Frame: Decodable {
    var opcode: UInt8?
    var payload: String?
    var fin: Bool?
    var rsv: UInt8?
    var mask: String?
    var payloadLength: Int?
    var chopSize: Int?
    var sync: Bool?

    enum CodingKeys: String, CodingKey {
      case opcode, payload, fin, rsv, mask, sync
      case payloadLength = "payload_len"
      case chopSize = "chopsize"
    }

    /// The frame; `usual` is its opcode where none is named.
    func frame(_ usual: Opcode?) throws(Mistake) -> Step.Frame {
      guard let opcode = opcode ?? usual?.rawValue, opcode < 16, rsv ?? 0 < 8 else {
        throw Mistake(description: "a frame needs an opcode, 0 to 15; rsv is 0 to 7")
      }
      let octets = Array((payload ?? "").utf8)
      var frame = Step.Frame(opcode: Opcode(rawValue: opcode), payload: .octets(octets))
      if let payloadLength {
        guard 0...DriverCommand.payloadByteCount ~= payloadLength, !octets.isEmpty else {
          throw Mistake(description: "payload_len is how long the payload is by repetition")
        }
        frame.payload = .repeated(octets, count: payloadLength)
      }
      frame.isFinal = fin ?? true
      frame.rsv = rsv ?? 0
      if let mask = mask.map({ Array($0.utf8) }), !mask.isEmpty {
        guard mask.count == 4 else { throw Mistake(description: "mask is four octets") }
        frame.masking = .key(MaskingKey(mask[0], mask[1], mask[2], mask[3]))
      }
      if let chopSize {
        guard chopSize > 0 else { throw Mistake(description: "chopsize is at least 1") }
        frame.delivery = .pieces(chopSize)
      } else if sync == true {
        frame.delivery = .alone
      }
      return frame
    }
  }
}

extension Player {
  /// Does what the client asks for, message by message, as the established suite's direct mode does.
  func obey(at now: ContinuousClock.Instant) {
    let events = facts.events
    facts.events = []
    for case .message(let kind, let octets) in events where state == .open {
      do throws(DriverCommand.Mistake) {
        for step in try DriverCommand.parse(kind, octets.octets).steps {
          switch step {
          case .frame(let frame): send(frame, at: now)
          case .close(let close): sendClose(close, at: now)
          default: break
          }
        }
      } catch {
        sendClose(Step.Close(code: 1008, reason: .text(error.description)), at: now)
      }
    }
  }
}
