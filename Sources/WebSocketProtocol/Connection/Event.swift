/// What a ``Connection`` has found in its input.
///
/// Payloads are lent by the ``Input``, not by the connection: a caller may send while it holds one.
public enum Event: ~Escapable {
  /// A whole message; with `Delivery.messages`.
  case message(MessageKind, Span<UInt8>)
  /// The next piece of a message; with `Delivery.fragments`.
  ///
  /// Pieces follow the arrival of octets, not the peer's frames, and may end within a character.
  case fragment(MessageKind, Span<UInt8>, isFirst: Bool, isFinal: Bool)
  /// A ping; unless configured otherwise, the answer is in the output already.
  case ping(Span<UInt8>)
  /// A pong, asked for or not.
  case pong(Span<UInt8>)
  /// The peer's Close; unless it answers ours, our answer is in the output already.
  case close(CloseCode?, reason: Span<UInt8>)
  /// The peer broke a rule; our Close is in the output, and whatever follows will be discarded.
  case failed(ProtocolFailure)
}
