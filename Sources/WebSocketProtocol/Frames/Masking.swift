internal import Glibc

/// The one place of this room that touches octets in words, and therefore through pointers.
///
/// Every pointer here comes from a span or a buffer of the call itself, and every access lies within
/// the count that came with it.
extension MaskingKey {
  /// XORs the key over `bytes`, whose first octet is payload octet `phase`.
  public func apply(to bytes: inout MutableSpan<UInt8>, phase: Int = 0) {
    _ = apply(to: &bytes, in: 0..<bytes.count, phase: phase)
  }

  /// XORs the key over a part of `bytes` whose first octet is payload octet `phase`.
  ///
  /// - Returns: Whether all octets of the part are ASCII once the key has been applied: text that
  ///   is needs no further validation.
  @discardableResult
  @inlinable @inline(__always)
  public func apply(
    to bytes: inout MutableSpan<UInt8>, in range: Range<Int>, phase: Int = 0
  ) -> Bool {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    let key = advanced(by: phase).rawValue
    return unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return true }
      // The range was checked against the span's count above.
      let start = unsafe base + range.lowerBound
      return unsafe xor(UnsafeRawPointer(start), into: start, count: range.count, key: key)
    }
  }

  /// Undoes ``apply(to:in:phase:)``, which is to do it again.
  @usableFromInline @inline(never)
  func restore(_ bytes: inout MutableSpan<UInt8>, in range: Range<Int>) {
    apply(to: &bytes, in: range)
  }

  /// Appends `payload`, whose first octet is payload octet `phase`, with the key XORed over it.
  public func appendMasked(_ payload: Span<UInt8>, phase: Int = 0, to output: inout [UInt8]) {
    let count = payload.count
    guard count > 0 else { return }
    let key = advanced(by: phase).rawValue
    output.append(addingCapacity: count) { (added: inout OutputSpan<UInt8>) in
      unsafe added.withUnsafeMutableBufferPointer { target, initializedCount in
        unsafe payload.withUnsafeBytes { source in
          guard let from = source.baseAddress, let to = target.baseAddress else { return }
          // The target was made `count` octets long, and is distinct from the source.
          _ = unsafe xor(from, into: UnsafeMutableRawPointer(to), count: count, key: key)
          initializedCount = count
        }
      }
    }
  }
}

/// Writes `count` octets of `source` XORed with `key` into `target`, which may be the same place.
///
/// - Returns: Whether all octets written are ASCII.
@inlinable @inline(__always)
func xor(
  _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer, count: Int, key: UInt32
) -> Bool {
  if 8...32 ~= count { return unsafe xorShort(source, into: target, count: count, key: key) }
  return unsafe xorAny(source, into: target, count: count, key: key)
}

/// The same for 8 to 32 octets: two words of 8 or 16 octets, which overlap where they have to.
@inlinable @inline(__always)
func xorShort(
  _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer, count: Int, key: UInt32
) -> Bool {
  let lastKey = MaskingKey(rawValue: key).advanced(by: count).rawValue
  // Both words lie within `count` octets, and are loaded before either is stored.
  if count >= 16 {
    let end = count &- 16
    let first =
      unsafe source.loadUnaligned(as: SIMD4<UInt32>.self) ^ SIMD4<UInt32>(repeating: key)
    let last =
      unsafe source.loadUnaligned(fromByteOffset: end, as: SIMD4<UInt32>.self)
      ^ SIMD4<UInt32>(repeating: lastKey)
    unsafe target.storeBytes(of: first, as: SIMD4<UInt32>.self)
    unsafe target.storeBytes(of: last, toByteOffset: end, as: SIMD4<UInt32>.self)
    let both = first | last
    let halves = both.lowHalf | both.highHalf
    return (halves[0] | halves[1]) & 0x8080_8080 == 0
  }
  let end = count &- 8
  let first = unsafe source.loadUnaligned(as: UInt64.self) ^ (UInt64(key) &* 0x1_0000_0001)
  let last =
    unsafe source.loadUnaligned(fromByteOffset: end, as: UInt64.self)
    ^ (UInt64(lastKey) &* 0x1_0000_0001)
  unsafe target.storeBytes(of: first, as: UInt64.self)
  unsafe target.storeBytes(of: last, toByteOffset: end, as: UInt64.self)
  return (first | last) & 0x8080_8080_8080_8080 == 0
}

/// The same for any count.
@usableFromInline @inline(never)
func xorAny(
  _ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer, count: Int, key: UInt32
) -> Bool {
  var offset = 0
  var seen: UInt64 = 0
  if count >= 64 {
    let wide = SIMD8<UInt32>(repeating: key)
    var low = SIMD8<UInt32>.zero
    var high = SIMD8<UInt32>.zero
    // offset + 64 <= count holds at every load and store.
    while offset &+ 64 <= count {
      let first = unsafe source.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self) ^ wide
      let second =
        unsafe source.loadUnaligned(fromByteOffset: offset &+ 32, as: SIMD8<UInt32>.self) ^ wide
      unsafe target.storeBytes(of: first, toByteOffset: offset, as: SIMD8<UInt32>.self)
      unsafe target.storeBytes(of: second, toByteOffset: offset &+ 32, as: SIMD8<UInt32>.self)
      low |= first
      high |= second
      offset &+= 64
    }
    let both = low | high
    let folded = both.lowHalf | both.highHalf
    seen = UInt64(folded[0] | folded[1] | folded[2] | folded[3])
  }
  // offset + 16, + 8, + 4, + 1 <= count holds at every load and store.
  while offset &+ 16 <= count {
    let words =
      unsafe source.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt32>.self)
      ^ SIMD4<UInt32>(repeating: key)
    unsafe target.storeBytes(of: words, toByteOffset: offset, as: SIMD4<UInt32>.self)
    let halves = words.lowHalf | words.highHalf
    seen |= UInt64(halves[0] | halves[1])
    offset &+= 16
  }
  if offset &+ 8 <= count {
    let double = UInt64(key) &<< 32 | UInt64(key)
    let word = unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ double
    unsafe target.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
    seen |= word
    offset &+= 8
  }
  if offset &+ 4 <= count {
    let word = unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt32.self) ^ key
    unsafe target.storeBytes(of: word, toByteOffset: offset, as: UInt32.self)
    seen |= UInt64(word)
    offset &+= 4
  }
  var rest = key.littleEndian
  while offset < count {
    let octet =
      unsafe source.load(fromByteOffset: offset, as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
    unsafe target.storeBytes(of: octet, toByteOffset: offset, as: UInt8.self)
    seen |= UInt64(octet)
    rest &>>= 8
    offset &+= 1
  }
  return seen & 0x8080_8080_8080_8080 == 0
}

extension Span<UInt8> {
  /// The eight octets from `offset` on as a little-endian word, with one load.
  @inlinable @inline(__always)
  public func word(at offset: Int) -> UInt64 {
    precondition(offset >= 0 && offset <= count &- 8)
    return unsafe UInt64(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
  }

  /// The index of the first octet at or after `start` that is not ASCII; the count if there is none.
  @inline(__always)
  func endOfASCII(from start: Int) -> Int {
    precondition(start >= 0 && start <= count)
    let count = count
    return unsafe withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return count }
      var offset = start
      // offset + 32, + 8, + 1 <= count holds at every load.
      while offset &+ 32 <= count {
        let words = unsafe base.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
        let folded = words.lowHalf | words.highHalf
        guard (folded[0] | folded[1]) & 0x8080_8080_8080_8080 == 0 else { break }
        offset &+= 32
      }
      while offset &+ 8 <= count {
        let word = unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let high = word & 0x8080_8080_8080_8080
        guard high == 0 else {
          return offset &+ high.littleEndian.trailingZeroBitCount &>> 3
        }
        offset &+= 8
      }
      while offset < count, unsafe base.load(fromByteOffset: offset, as: UInt8.self) < 0x80 {
        offset &+= 1
      }
      return offset
    }
  }

  /// Whether both hold the same octets.
  public func elementsEqual(_ other: Span<UInt8>) -> Bool {
    let count = count
    guard count == other.count else { return false }
    return unsafe withUnsafeBytes { left in
      unsafe other.withUnsafeBytes { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return true }
        // Both are `count` octets long. The C library chooses the widest loads at run time.
        return unsafe memcmp(left, right, count) == 0
      }
    }
  }

  /// Appends the octets to `output` in one move.
  public func append(to output: inout [UInt8]) {
    let count = count
    // The standard library notes the new count also where nothing is added: for an empty array in the
    // storage that all empty arrays of the program share.
    guard count > 0 else { return }
    output.append(addingCapacity: count) { (added: inout OutputSpan<UInt8>) in
      unsafe added.withUnsafeMutableBufferPointer { target, initializedCount in
        unsafe withUnsafeBytes { source in
          guard let from = source.baseAddress, let to = target.baseAddress else { return }
          // The target was made `count` octets long, and is distinct from the source.
          unsafe UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: count)
          initializedCount = count
        }
      }
    }
  }

  /// Appends a frame with these octets as payload: its header and the payload in one go.
  ///
  /// - Parameters:
  ///   - firstOctet: FIN, RSV and opcode.
  ///   - maskingKey: The key, for a client.
  ///   - output: Where the frame goes.
  @inline(never)
  func appendFrame(firstOctet: UInt8, maskingKey: MaskingKey?, to output: inout [UInt8]) {
    if let maskingKey {
      appendMaskedFrame(firstOctet: firstOctet, maskingKey: maskingKey, to: &output)
    } else {
      appendFrame(firstOctet: firstOctet, to: &output)
    }
  }

  private func appendMaskedFrame(
    firstOctet: UInt8, maskingKey: MaskingKey, to output: inout [UInt8]
  ) {
    let count = count
    output.append(addingCapacity: count &+ FrameHeader.maximumByteCount) {
      (added: inout OutputSpan<UInt8>) in
      unsafe added.withUnsafeMutableBufferPointer { target, initializedCount in
        guard let base = target.baseAddress else { return }
        // The target has room for the longest header and `count` octets.
        let start = UnsafeMutableRawPointer(base)
        let headerCount = unsafe start.storeHeader(firstOctet, maskBit: 0x80, length: count)
        unsafe start.storeBytes(
          of: maskingKey.rawValue, toByteOffset: headerCount, as: UInt32.self)
        unsafe withUnsafeBytes { source in
          guard let from = source.baseAddress else { return }
          // The source is distinct from the target, whose header ends after the key.
          _ = unsafe xor(
            from, into: start + headerCount + 4, count: count, key: maskingKey.rawValue)
        }
        initializedCount = headerCount &+ 4 &+ count
      }
    }
  }

  /// Appends an unmasked frame with these octets as payload.
  @inlinable
  func appendFrame(firstOctet: UInt8, to output: inout [UInt8]) {
    let count = count
    output.append(addingCapacity: count &+ FrameHeader.maximumByteCount) {
      (added: inout OutputSpan<UInt8>) in
      unsafe added.withUnsafeMutableBufferPointer { target, initializedCount in
        guard let base = target.baseAddress else { return }
        // The target has room for the longest header and `count` octets.
        let start = UnsafeMutableRawPointer(base)
        let headerCount = unsafe start.storeHeader(firstOctet, maskBit: 0, length: count)
        unsafe withUnsafeBytes { source in
          guard let from = source.baseAddress else { return }
          // The source is distinct from the target.
          unsafe (start + headerCount).copyOctets(from: from, count: count)
        }
        initializedCount = headerCount &+ count
      }
    }
  }
}

extension UnsafeMutableRawPointer {
  /// Copies `count` octets from elsewhere; a few of them without a call.
  @inlinable @inline(__always)
  func copyOctets(from source: UnsafeRawPointer, count: Int) {
    guard 16...32 ~= count else { return unsafe copyMemory(from: source, byteCount: count) }
    // Two words of 16 octets, which overlap where they have to, and lie within `count`.
    let end = count &- 16
    let first = unsafe source.loadUnaligned(as: SIMD2<UInt64>.self)
    let last = unsafe source.loadUnaligned(fromByteOffset: end, as: SIMD2<UInt64>.self)
    unsafe storeBytes(of: first, as: SIMD2<UInt64>.self)
    unsafe storeBytes(of: last, toByteOffset: end, as: SIMD2<UInt64>.self)
  }

  /// Writes the header of a frame but for the key, of 10 octets at most; returns how many they are.
  @inlinable @inline(__always)
  func storeHeader(_ firstOctet: UInt8, maskBit: UInt8, length: Int) -> Int {
    unsafe storeBytes(of: firstOctet, as: UInt8.self)
    if length <= 125 {
      let second = maskBit | UInt8(truncatingIfNeeded: length)
      unsafe storeBytes(of: second, toByteOffset: 1, as: UInt8.self)
      return 2
    }
    if length <= 65_535 {
      let length = UInt16(truncatingIfNeeded: length).bigEndian
      unsafe storeBytes(of: maskBit | 126, toByteOffset: 1, as: UInt8.self)
      unsafe storeBytes(of: length, toByteOffset: 2, as: UInt16.self)
      return 4
    }
    let length = UInt64(truncatingIfNeeded: length).bigEndian
    unsafe storeBytes(of: maskBit | 127, toByteOffset: 1, as: UInt8.self)
    unsafe storeBytes(of: length, toByteOffset: 2, as: UInt64.self)
    return 10
  }
}
