import Synchronization
public import Transport

/// What a message is made of that is too long, or not yet there, to be held as a whole.
///
/// It is read on the connection's loop whenever the peer has taken what went before, and must not block for
/// long. It is let go of at the end, whatever comes of it.
public protocol MessageSource: AnyObject {
  /// The next octets, at most `maximum`, and whether they are the last; the last ones may be none.
  func next(_ maximum: Int) throws -> (octets: [UInt8], isLast: Bool)
}

/// A file, or a part of it, as a message.
public final class FileSource: MessageSource, Sendable {
  private let reader: FileReader
  private let end: Int
  private let position: Position

  /// Opens a file; it is closed when the message has gone.
  /// - Parameters:
  ///   - path: Which file.
  ///   - position: Where to begin.
  ///   - length: How many octets; `nil` for all to the end.
  /// - Throws: ``StreamError`` if there is no such part of such a file.
  public convenience init(
    path: String, position: Int = 0, length: Int? = nil
  ) throws(StreamError) {
    let reader: FileReader
    do {
      reader = try FileReader(path: path)
    } catch {
      throw .source(error)
    }
    try self.init(reader, position: position, length: length)
  }

  /// Reads from a file that is open; the reader says whether it is closed afterwards.
  ///
  /// Parameters are those of ``init(path:position:length:)``.
  public init(
    _ reader: FileReader, position: Int = 0, length: Int? = nil
  ) throws(StreamError) {
    let count: Int
    do {
      count = try reader.byteCount()
    } catch {
      throw .source(error)
    }
    guard 0...count ~= position, 0...(count - position) ~= length ?? 0 else {
      throw .outOfRange(position: position, length: length, byteCount: count)
    }
    self.reader = reader
    self.position = Position(position)
    end = length.map { position + $0 } ?? count
  }

  /// The next octets of the file.
  public func next(_ maximum: Int) throws -> (octets: [UInt8], isLast: Bool) {
    let start = position.value
    let octets = try reader.read(min(maximum, end - start), at: start)
    guard start + octets.count == end || octets.count == maximum else {
      throw StreamError.ended(early: end - start - octets.count)
    }
    position.value = start + octets.count
    return (octets, start + octets.count == end)
  }
}

/// Where a source reads next; on one loop, but made elsewhere.
private final class Position: Sendable {
  private let storage: Atomic<Int>

  init(_ value: Int) { storage = Atomic(value) }

  var value: Int {
    get { storage.load(ordering: .relaxed) }
    set { storage.store(newValue, ordering: .relaxed) }
  }
}

/// Why a streamed message did not go out whole.
public enum StreamError: Error, Sendable {
  /// The connection closes or has ended.
  case closed
  /// The file does not have that part; how many octets it has.
  case outOfRange(position: Int, length: Int?, byteCount: Int)
  /// The file became shorter meanwhile; so many octets are missing.
  case ended(early: Int)
  /// The file could not be opened.
  case source(TransportError)
}

extension StreamError: CustomStringConvertible {
  /// One line that says what to do.
  public var description: String {
    switch self {
    case .closed: "the connection is not open"
    case .outOfRange(let position, let length, let byteCount):
      "there are no \(length.map { "\($0) " } ?? "")octets from \(position) on: the file has \(byteCount)"
    case .ended(let missing): "the file became shorter: \(missing) octets are missing"
    case .source(let error): "\(error)"
    }
  }
}
