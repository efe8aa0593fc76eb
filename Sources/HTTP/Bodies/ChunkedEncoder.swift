/// Writes the chunked transfer coding (RFC 9112 §7.1).
public enum ChunkedEncoder {
  /// Appends one chunk; nothing for an empty one, which would end the body.
  public static func append(_ content: Span<UInt8>, to output: inout [UInt8]) {
    guard !content.isEmpty else { return }
    output += String(content.count, radix: 16).utf8
    output += [0x0d, 0x0a]
    output.append(copying: content)
    output += [0x0d, 0x0a]
  }

  /// Appends the last chunk and the trailers.
  public static func appendEnd(trailers: HTTPFields = HTTPFields(), to output: inout [UInt8]) {
    output += [UInt8(ascii: "0"), 0x0d, 0x0a]
    trailers.write(to: &output)
  }
}
