import CaseLanguage
import WebSocketProtocol

/// A compressor that can be an optional property of a class.
final class BoxedCompressor {
  private var compressor: MessageCompressor

  init(_ agreement: PerMessageDeflate.Agreement, role: Role) {
    compressor = MessageCompressor(agreement: agreement, role: role)
  }

  /// The payload of a compressed message, in blocks of this kind.
  func compress(_ payload: Span<UInt8>, _ compression: Step.Compression) -> [UInt8] {
    switch compression {
    case .smallest: compressor.use(.smallest)
    case .stored: compressor.use(.stored)
    case .fixed: compressor.use(.fixed)
    }
    var output: [UInt8] = []
    compressor.compress(payload, to: &output)
    return output
  }
}
