/// One read's worth of octets on their way through a ``Connection``.
///
/// The octets stay where they were read: payloads are unmasked in place and lent from there. A
/// message that did not lie in one piece is lent from a buffer that the input owns meanwhile.
public struct Input: ~Copyable, ~Escapable {
  @usableFromInline var bytes: MutableSpan<UInt8>
  @usableFromInline var offset = 0
  var scratch: [UInt8]

  /// Lends what was read to the connection.
  ///
  /// - Parameters:
  ///   - bytes: What was read; the connection changes it.
  ///   - scratch: A buffer to assemble and inflate in, whose content is of no interest. A caller that
  ///     passes the same one each time, see ``recoverScratch()``, saves allocations.
  @_lifetime(copy bytes)
  public init(_ bytes: consuming MutableSpan<UInt8>, scratch: consuming [UInt8] = []) {
    self.bytes = bytes
    self.scratch = scratch
  }

  /// How many octets the connection has not taken yet.
  @inlinable public var remainingByteCount: Int { bytes.count &- offset }

  /// The octets that the connection has not taken yet, as they came from the peer.
  ///
  /// Who stops asking for events keeps these and brings them back in a new input later.
  public var remaining: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span.extracting(offset..<bytes.count) }
  }

  /// Ends the input, and gives its buffer back for the next one.
  ///
  /// It may have grown to the size of the largest message: keep it only if that is acceptable.
  public consuming func recoverScratch() -> [UInt8] { scratch }
}
