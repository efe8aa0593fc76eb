import Deflate
import WebSocketProtocol

/// Inflates messages under a limit, whole and in pieces, and the input's own compressed form.
func fuzzInflate(_ input: Span<UInt8>) {
  guard input.count > 2 else { return }
  let settings = input[0]
  let octets = input.extracting(droppingFirst: 2)
  let limit = 1 << 16
  let agreement = PerMessageDeflate.Agreement(
    serverNoContextTakeover: settings & 1 != 0, clientNoContextTakeover: settings & 2 != 0)

  var whole = MessageDecompressor(agreement: agreement, role: .server)
  var wholeOutput: [UInt8] = []
  let isWhole = succeeds {
    try whole.decompress(octets, isFinal: true, to: &wholeOutput, limit: limit)
  }
  var cut = MessageDecompressor(agreement: agreement, role: .server)
  var cutOutput: [UInt8] = []
  var isCut = true
  var cuts = Cuts(seed: input.extracting(first: 2))
  cuts.forEachPiece(of: octets) { piece in
    isCut = succeeds {
      try cut.decompress(piece, isFinal: false, to: &cutOutput, limit: limit - cutOutput.count)
    }
    return isCut
  }
  if isCut {
    let nothing: [UInt8] = []
    isCut = succeeds {
      try cut.decompress(
        nothing.span, isFinal: true, to: &cutOutput, limit: limit - cutOutput.count)
    }
  }
  check(wholeOutput.count <= limit && cutOutput.count <= limit, "over the limit")
  check(isWhole == isCut && (!isWhole || wholeOutput == cutOutput), "cutting changed it")

  var compressor = MessageCompressor(
    agreement: agreement, role: .client, level: Int(settings >> 4) % 10, memoryLevel: 8)
  var compressed: [UInt8] = []
  compressor.compress(octets, to: &compressed)
  var reader = MessageDecompressor(agreement: agreement, role: .server)
  var again: [UInt8] = []
  check(
    succeeds {
      try reader.decompress(compressed.span, isFinal: true, to: &again, limit: octets.count)
    })
  check(again.count == octets.count && again.indices.allSatisfy { again[$0] == octets[$0] })
}

private func succeeds(_ body: () throws -> Void) -> Bool {
  do {
    try body()
    return true
  } catch {
    return false
  }
}
