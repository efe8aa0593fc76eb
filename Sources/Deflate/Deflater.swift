import CZlib

/// A raw DEFLATE compressor (RFC 1951): the owner of one zlib stream, which ends with it.
///
/// zlib keeps a pointer back to its `z_stream`, so the stream lives on the heap at one address.
@safe public struct Deflater: ~Copyable {
  /// How much of what was fed must be decodable from what came out.
  public enum Flush: Sendable {
    /// Nothing: zlib holds back input until a block is worth ending.
    case none
    /// Everything: the output ends with an empty stored block, `00 00 ff ff`.
    case sync
    /// Everything, and what follows refers to nothing before this point.
    case full
    /// Everything, with BFINAL set on the last block; the next call begins a new stream.
    case finish
  }

  /// The largest portion that one call of zlib is given, far below its 32-bit counters.
  static let largestStep = 1 << 30
  /// The least room to begin a step with: more than a flush marker, so that zlib writes it once.
  static let leastRoom = 64

  private let stream: UnsafeMutablePointer<z_stream>

  /// Allocates a compressor: about `2^(windowBits+2) + 2^(memoryLevel+9)` octets.
  ///
  /// A window of 2^9 never yields a distance above 250, because zlib holds back 262 octets of
  /// lookahead from every window; so `windowBits: 9` also serves a receiver with a window of 2^8,
  /// which zlib itself refuses for raw DEFLATE.
  /// - Parameters:
  ///   - level: zlib's compression level, 0 (stored) to 9 (smallest).
  ///   - windowBits: The base-two logarithm of the LZ77 window, 9 to 15.
  ///   - memoryLevel: zlib's memory level, 1 (least) to 9 (fastest).
  /// - Throws: ``DeflateError`` when a parameter is out of range or memory is short.
  public init(level: Int = 6, windowBits: Int = 15, memoryLevel: Int = 8) throws(DeflateError) {
    unsafe stream = try Self.makeStream(level, windowBits, memoryLevel)
  }

  deinit {
    // The stream was set up by `init`; nothing else holds its address.
    _ = unsafe deflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Compresses `input` and appends what zlib emits to `output`, in place where there is capacity.
  public mutating func compress(_ input: Span<UInt8>, flush: Flush, to output: inout [UInt8]) {
    unsafe input.withUnsafeBufferPointer { bytes in
      var offset = 0
      repeat {
        let count = min(bytes.count - offset, Self.largestStep)
        // zlib only reads what `next_in` points to, and the span outlives the calls.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
          mutating: bytes.baseAddress.map { unsafe $0 + offset })
        unsafe stream.pointee.avail_in = uInt(count)
        offset += count
        step(offset == bytes.count ? flush : .none, inputCount: count, to: &output)
      } while offset < bytes.count
    }
  }

  /// The kinds of block that a compressor makes (RFC 1951 §3.2.3).
  public enum Blocks: Sendable {
    /// Whatever is smallest.
    case smallest
    /// Stored blocks only.
    case stored
    /// Stored blocks and those with fixed Huffman codes.
    case fixed
  }

  /// Makes blocks of this kind from here on; to be called after a flush.
  public mutating func use(_ blocks: Blocks, level: Int = 6) {
    // After a flush nothing is pending, so zlib writes nothing here, and needs no room to.
    _ = unsafe deflateParams(
      stream, blocks == .stored ? 0 : Int32(level),
      blocks == .fixed ? Z_FIXED : Z_DEFAULT_STRATEGY)
  }

  /// Forgets everything compressed so far, keeping the memory.
  public mutating func reset() {
    // The stream is live, and zlib's reset of a live stream cannot fail.
    _ = unsafe deflateReset(stream)
  }

  private static func makeStream(
    _ level: Int, _ windowBits: Int, _ memoryLevel: Int
  ) throws(DeflateError) -> UnsafeMutablePointer<z_stream> {
    guard 0...9 ~= level, 9...15 ~= windowBits, 1...9 ~= memoryLevel else {
      throw .invalidParameters
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // The stream is initialised and stays where it is until `deinit`.
    let code = unsafe deflateInit2_(
      stream, Int32(level), Z_DEFLATED, -Int32(windowBits), Int32(memoryLevel),
      Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      unsafe stream.deallocate()
      throw code == Z_MEM_ERROR ? .outOfMemory : .invalidParameters
    }
    return unsafe stream
  }

  /// Runs zlib until it leaves room in the output, which is its sign that it has nothing left.
  private mutating func step(_ flush: Flush, inputCount: Int, to output: inout [UInt8]) {
    let estimate = min(inputCount / 4 + Self.leastRoom, 256 << 10)
    var code = Z_OK
    var isFull = true
    while isFull && code != Z_STREAM_END {
      let room = room(in: output, atLeast: estimate)
      output.append(addingCapacity: room) { span in
        unsafe span.withUnsafeMutableBufferPointer { buffer, initializedCount in
          // zlib writes at most `avail_out` octets from the start of this uninitialised room.
          unsafe stream.pointee.next_out = buffer.baseAddress
          unsafe stream.pointee.avail_out = uInt(buffer.count)
          code = unsafe deflate(stream, flush.zlibValue)
          let rest = unsafe Int(stream.pointee.avail_out)
          initializedCount = buffer.count - rest
          isFull = rest == 0
        }
      }
    }
    if code == Z_STREAM_END {
      reset()
    }
  }
}

/// Why a compressor could not be made.
public enum DeflateError: Error, Hashable {
  /// A parameter is outside its range, or the zlib that is linked is not the one compiled against.
  case invalidParameters
  /// There was no memory for the window and the hash tables.
  case outOfMemory
}

extension Deflater.Flush {
  fileprivate var zlibValue: Int32 {
    switch self {
    case .none: Z_NO_FLUSH
    case .sync: Z_SYNC_FLUSH
    case .full: Z_FULL_FLUSH
    case .finish: Z_FINISH
    }
  }
}

/// The room for the next step of zlib: the capacity there is or, failing that, at least double.
func room(in output: borrowing [UInt8], atLeast least: Int) -> Int {
  let free = output.capacity - output.count
  return min(free >= Deflater.leastRoom ? free : max(least, output.count), Deflater.largestStep)
}
