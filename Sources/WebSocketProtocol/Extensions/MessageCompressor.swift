import Deflate

/// Compresses the messages one endpoint sends under permessage-deflate (RFC 7692 §7.2.1).
///
/// It holds no memory until the first message. It cannot fail: without memory for a window it
/// sends stored blocks, which are DEFLATE as well.
public struct MessageCompressor: ~Copyable {
  private var deflater: Deflater?
  private let windowBits: UInt8
  private let level: Int8
  private let memoryLevel: Int8
  private let forgets: Bool
  private let releases: Bool
  private var isFresh = true

  /// Prepares a compressor without allocating.
  /// - Parameters:
  ///   - agreement: What the handshake agreed on.
  ///   - role: The end that compresses.
  ///   - level: zlib's compression level, 1 (fastest) to 9 (smallest); 0 only stores.
  ///   - memoryLevel: zlib's memory level, 1 (least) to 9 (fastest).
  ///   - releasesContext: Whether to give the memory back after each message; it has an effect
  ///     only where the agreement lets the sender forget its window.
  public init(
    agreement: PerMessageDeflate.Agreement, role: Role, level: Int = 6, memoryLevel: Int = 8,
    releasesContext: Bool = false
  ) {
    precondition(0...9 ~= level && 1...9 ~= memoryLevel)
    // A window of 2^9 octets serves an agreed 2^8: see `Deflater.init`.
    windowBits = UInt8(max(agreement.maxWindowBits(of: role), 9))
    self.level = Int8(level)
    self.memoryLevel = Int8(memoryLevel)
    forgets = agreement.noContextTakeover(of: role)
    releases = forgets && releasesContext
  }

  /// Appends the compressed form of the next fragment of a message to `output`.
  ///
  /// Each fragment can be inflated as soon as it arrives. The last one is without the tail
  /// `00 00 ff ff`; an empty last fragment is the one octet `00` (RFC 7692 §7.2.3.6).
  public mutating func compress(
    _ payload: Span<UInt8>, isFinal: Bool = true, to output: inout [UInt8]
  ) {
    if payload.isEmpty {
      if isFinal {
        output.append(0x00)
      }
    } else {
      deflate(payload, to: &output)
      if isFinal {
        output.removeLast(4)
      }
    }
    if isFinal {
      endMessage()
    }
  }

  /// The kinds of block that a message may be made of (RFC 1951 §3.2.3).
  public enum Blocks: Sendable {
    /// Whatever is smallest.
    case smallest
    /// Stored blocks only.
    case stored
    /// Stored blocks and those with fixed Huffman codes.
    case fixed
  }

  /// Makes blocks of this kind from the next message on.
  public mutating func use(_ blocks: Blocks) {
    if deflater == nil {
      deflater = try? Deflater(
        level: Int(level), windowBits: Int(windowBits), memoryLevel: Int(memoryLevel))
    }
    switch blocks {
    case .smallest: deflater?.use(.smallest, level: Int(level))
    case .stored: deflater?.use(.stored, level: Int(level))
    case .fixed: deflater?.use(.fixed, level: Int(level))
    }
  }

  private mutating func deflate(_ payload: Span<UInt8>, to output: inout [UInt8]) {
    if deflater == nil {
      deflater = try? Deflater(
        level: Int(level), windowBits: Int(windowBits), memoryLevel: Int(memoryLevel))
    }
    isFresh = false
    if deflater?.compress(payload, flush: .sync, to: &output) == nil {
      Self.store(payload, to: &output)
    }
  }

  /// Begins with an empty window at the next message, which a sender may do at any time.
  mutating func forget() {
    guard !isFresh else { return }
    isFresh = true
    deflater?.reset()
  }

  private mutating func endMessage() {
    guard forgets, !isFresh else {
      return
    }
    isFresh = true
    if releases {
      deflater = nil
    } else {
      deflater?.reset()
    }
  }

  /// Appends `payload` as stored blocks (RFC 1951 §3.2.4), the last one empty.
  static func store(_ payload: Span<UInt8>, to output: inout [UInt8]) {
    var offset = 0
    while offset < payload.count {
      let count = min(payload.count - offset, 0xffff)
      let low = UInt8(truncatingIfNeeded: count)
      let high = UInt8(truncatingIfNeeded: count >> 8)
      output += [0x00, low, high, ~low, ~high]
      for index in offset..<(offset + count) {
        output.append(payload[index])
      }
      offset += count
    }
    output += [0x00, 0x00, 0x00, 0xff, 0xff]
  }
}
