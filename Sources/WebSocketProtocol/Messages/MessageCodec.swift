/// Both compression contexts of one connection, made when the first compressed message needs one.
///
/// A class only so that a connection without compressed messages pays one word for it.
final class MessageCodec {
  var compressor: MessageCompressor
  var decompressor: MessageDecompressor

  init(
    agreement: PerMessageDeflate.Agreement, role: Role, configuration: ConnectionConfiguration
  ) {
    compressor = MessageCompressor(
      agreement: agreement, role: role, level: configuration.compressionLevel,
      memoryLevel: configuration.compressionMemoryLevel,
      releasesContext: configuration.releasesCompressionContext)
    decompressor = MessageDecompressor(
      agreement: agreement, role: role, releasesContext: configuration.releasesCompressionContext)
  }
}
