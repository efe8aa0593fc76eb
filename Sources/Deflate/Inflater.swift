import CZlib

/// A raw DEFLATE decompressor (RFC 1951) with a bound on its output: the owner of one zlib stream.
///
/// After an error the stream is good for ``reset()`` alone.
@safe public struct Inflater: ~Copyable {
  private let stream: UnsafeMutablePointer<z_stream>

  /// Allocates a decompressor: about 7 KiB, and the window when the first output must be kept.
  /// - Parameter windowBits: The base-two logarithm of the LZ77 window, 8 to 15.
  /// - Throws: ``InflateError/outOfMemory``.
  public init(windowBits: Int = 15) throws(InflateError) {
    precondition(8...15 ~= windowBits, "a raw DEFLATE window has 8 to 15 bits")
    unsafe stream = try Self.makeStream(windowBits)
  }

  deinit {
    // The stream was set up by `init`; nothing else holds its address.
    _ = unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Inflates `input`, appending at most `limit` octets to `output`, in place where it has capacity.
  ///
  /// It stops at the octet that would go over the limit: memory is bound during inflation. All of
  /// `input` is consumed unless a block with BFINAL ends before it does.
  /// - Parameters:
  ///   - input: The next octets of the stream, however they are cut.
  ///   - output: The array that is appended to, also before an error is thrown.
  ///   - limit: The greatest number of octets to append.
  ///   - observesBlocks: Whether ``isAtBlockBoundary`` must be exact afterwards.
  /// - Returns: How many octets of `input` were used, and whether a block with BFINAL has ended.
  /// - Throws: ``InflateError`` when the data is corrupt, or more would come than `limit`.
  public mutating func inflate(
    _ input: Span<UInt8>, to output: inout [UInt8], limit: Int, observesBlocks: Bool = false
  ) throws(InflateError) -> (consumed: Int, ended: Bool) {
    try unsafe input.withUnsafeBufferPointer { bytes throws(InflateError) in
      var offset = 0
      var allowance = limit
      repeat {
        let count = min(bytes.count - offset, Deflater.largestStep)
        // zlib only reads what `next_in` points to, and the span outlives the calls.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
          mutating: bytes.baseAddress.map { unsafe $0 + offset })
        unsafe stream.pointee.avail_in = uInt(count)
        let ended = try step(
          to: &output, allowance: &allowance, flush: observesBlocks ? Z_BLOCK : Z_SYNC_FLUSH)
        unsafe offset += count - Int(stream.pointee.avail_in)
        if ended {
          return (offset, true)
        }
      } while offset < bytes.count
      return (offset, false)
    }
  }

  /// Whether the octets so far end exactly where a block ends, with no bit left over.
  ///
  /// Exact only after a call that observed blocks.
  public var isAtBlockBoundary: Bool {
    // zlib.h, inflate(): 128 marks the end of a block, the low bits count the unused bits.
    unsafe stream.pointee.data_type & 0b1011_1111 == 128
  }

  /// Forgets the stream so far and its window, keeping the memory.
  public mutating func reset() {
    // The stream is live, and zlib's reset of a live stream cannot fail.
    _ = unsafe inflateReset(stream)
  }

  /// Begins a new stream that may refer to the window of the old one.
  public mutating func restartKeepingWindow() {
    var count: uInt = 0
    let window = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 15) { buffer, initializedCount in
      // zlib writes at most the window, 2^15 octets.
      _ = unsafe inflateGetDictionary(stream, buffer.baseAddress, &count)
      initializedCount = Int(count)
    }
    reset()
    unsafe window.withUnsafeBufferPointer { bytes in
      // zlib copies the dictionary.
      _ = unsafe inflateSetDictionary(stream, bytes.baseAddress, count)
    }
  }

  private static func makeStream(
    _ windowBits: Int
  ) throws(InflateError) -> UnsafeMutablePointer<z_stream> {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // The stream is initialised and stays where it is until `deinit`.
    let code = unsafe inflateInit2_(
      stream, -Int32(windowBits), ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      unsafe stream.deallocate()
      throw .outOfMemory
    }
    return unsafe stream
  }

  /// Runs zlib until the input is used up; returns whether a block with BFINAL has ended.
  private mutating func step(
    to output: inout [UInt8], allowance: inout Int, flush: Int32
  ) throws(InflateError) -> Bool {
    while true {
      let inputCount = unsafe Int(stream.pointee.avail_in)
      var code = Z_OK
      var isFull = false
      if allowance == 0 {
        (code, isFull) = probe(flush)
        guard !isFull else {
          throw .limitExceeded
        }
      } else {
        let least = max(Deflater.leastRoom, min(inputCount &* 4, 256 << 10))
        let room = min(room(in: output, atLeast: least), allowance)
        output.append(addingCapacity: room) { span in
          unsafe span.withUnsafeMutableBufferPointer { buffer, initializedCount in
            // zlib writes at most `avail_out` octets from the start of this uninitialised room.
            unsafe stream.pointee.next_out = buffer.baseAddress
            unsafe stream.pointee.avail_out = uInt(buffer.count)
            code = unsafe CZlib.inflate(stream, flush)
            let rest = unsafe Int(stream.pointee.avail_out)
            initializedCount = buffer.count - rest
            allowance -= initializedCount
            isFull = rest == 0
          }
        }
      }
      switch code {
      case Z_STREAM_END: return true
      case Z_OK where unsafe isFull || stream.pointee.avail_in > 0: continue
      case Z_OK, Z_BUF_ERROR: return false
      case Z_MEM_ERROR: throw .outOfMemory
      default: throw .corrupt(reason)
      }
    }
  }

  /// Runs zlib with a single octet of room that is thrown away, to learn whether more would come.
  private mutating func probe(_ flush: Int32) -> (code: Int32, isFull: Bool) {
    var octet: UInt8 = 0
    return unsafe withUnsafeMutablePointer(to: &octet) { pointer in
      // zlib writes at most the one octet, during the call.
      unsafe stream.pointee.next_out = pointer
      unsafe stream.pointee.avail_out = 1
      let code = unsafe CZlib.inflate(stream, flush)
      return unsafe (code, stream.pointee.avail_out == 0)
    }
  }

  /// What zlib says is wrong with the data.
  private var reason: String {
    // `msg` is nil or one of zlib's constant strings.
    guard let message = unsafe stream.pointee.msg else {
      return "invalid stream"
    }
    return unsafe String(cString: message)
  }
}

/// Why inflation stopped.
public enum InflateError: Error, Hashable {
  /// The octets are not DEFLATE data; zlib's words for what is wrong.
  case corrupt(String)
  /// The output would have gone over the limit.
  case limitExceeded
  /// There was no memory for the window.
  case outOfMemory
}
