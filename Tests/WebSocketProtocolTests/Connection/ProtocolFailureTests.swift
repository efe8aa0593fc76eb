import Testing
import WebSocketProtocol

@Suite("RFC 6455 §7.1.7 Failing the connection")
struct ProtocolFailureTests {
  static let all: [ProtocolFailure] = [
    .reservedBitsSet(7), .misplacedCompressionBit(.ping), .reservedOpcode(Opcode(rawValue: 15)),
    .fragmentedControlFrame(.ping), .oversizedControlFrame(.close), .frameNotMasked, .frameMasked,
    .lengthNotMinimal(.max), .lengthOutOfRange(.max), .unexpectedContinuation,
    .interleavedMessage(.binary), .truncatedCloseCode, .closeCodeNotPermitted(65_535),
    .closeReasonNotUTF8, .textNotUTF8, .compressionCorrupt, .frameTooBig(.max), .messageTooBig,
    .inflatedMessageTooBig, .tooManyFragments, .outOfMemory,
  ]

  @Test(arguments: all)
  func `a failure has a code that may be sent, a clause, and a sentence that fits a Close`(
    failure: ProtocolFailure
  ) {
    #expect(failure.code.isPermittedOnWire)
    #expect(failure.clause.hasPrefix("RFC "))
    #expect(failure.sentence.utf8.count <= 123)
    #expect(failure.description.contains(failure.clause))
  }
}
