import HTTP
public import Transport

/// Serves the files of a folder: whole, in parts, or not at all when the client has them already.
///
/// Nothing outside the folder is ever served: a path with `..` is refused, and the kernel resolves what
/// is left below the folder (openat2(2)). Symbolic links are refused unless `links` allows them, and
/// hidden files unless `servesHiddenFiles` does.
public struct FileService: Sendable {
  private let folder: FileFolder
  /// The file that stands for a folder; `nil`: folders are not served.
  public var indexFile: String? = "index.html"
  /// Whether files and folders whose names begin with a dot are served.
  public var servesHiddenFiles = false
  /// The value of Cache-Control; `nil` leaves it out.
  public var cacheControl: String?

  /// A service of a folder.
  ///
  /// - Throws: ``ServerError`` when the folder is missing or closed to us.
  public init(root: String, links: FileFolder.Links = .refuse) throws(ServerError) {
    do {
      folder = try FileFolder(root, links: links)
    } catch {
      throw .transport(error)
    }
  }

  /// The response to a request.
  /// - Parameters:
  ///   - request: A GET or HEAD.
  ///   - segments: The decoded path below the folder, or nil for one that is not safe.
  /// - Returns: The file, the part, the redirection or the refusal.
  public func response(to request: ServerRequest, _ segments: [String]?) -> ServerResponse {
    guard let segments, servesHiddenFiles || !segments.contains(where: { $0.hasPrefix(".") })
    else { return notFound }
    let isFolder = segments.isEmpty || segments.last == ""
    let names = isFolder ? segments.dropLast() : segments[...]
    let path = names.joined(separator: "/")
    if isFolder {
      guard let indexFile else { return notFound }
      return file(names.isEmpty ? indexFile : "\(path)/\(indexFile)", request, whenFolder: nil)
    }
    var location = request.path + "/"
    if let query = request.target.query { location += "?" + query }
    // A path that begins with two slashes would be another server's.
    let isSafe = !location.hasPrefix("//")
    return file(
      path, request,
      whenFolder: isSafe ? .redirect(to: location, status: .movedPermanently) : nil)
  }

  private var notFound: ServerResponse {
    .text("There is nothing here.", status: .notFound)
  }

  private func file(
    _ path: String, _ request: ServerRequest, whenFolder: ServerResponse?
  ) -> ServerResponse {
    do throws(TransportError) {
      guard let file = try folder.open(path) else { return whenFolder ?? notFound }
      return response(of: file, named: path, to: request)
    } catch {
      switch error.kind {
      case .permissionDenied:
        return .text("This is not for everybody.", status: .forbidden)
      case .noDescriptors, .noMemory:
        return .text("The server has too much to do.", status: .serviceUnavailable)
      default: return notFound
      }
    }
  }

  private func response(
    of file: ReadableFile, named path: String, to request: ServerRequest
  ) -> ServerResponse {
    let state = ResourceState(
      entityTag: EntityTag(file.version),
      lastModified: HTTPDate(secondsSince1970: file.modificationTime))
    var fields: HTTPFields = [.acceptRanges: "bytes", .xContentTypeOptions: "nosniff"]
    fields[.eTag] = state.entityTag?.description
    fields[.lastModified] = state.lastModified?.description
    fields[.cacheControl] = cacheControl
    switch state.outcome(of: request.head) {
    case .notModified: return ServerResponse(status: .notModified, fields: fields)
    case .failed:
      return .text("The file is another than you believe.", status: .preconditionFailed)
    case .proceed: break
    }
    let type = MediaTypes.type(ofFile: path)
    let asked = request.method == .get && state.allowsRange(in: request.head)
    let ranges = ByteRanges(asked ? request.fields.single(.range) : nil, length: file.byteCount)
    switch ranges {
    case .whole:
      fields[.contentType] = type
      return ServerResponse(
        fields: fields, body: .pieces([.file(file, 0..<file.byteCount)]))
    case .unsatisfiable:
      fields[.contentRange] = "bytes */\(file.byteCount)"
      return ServerResponse(status: .rangeNotSatisfiable, fields: fields)
    case .parts(let parts):
      if parts.count == 1 {
        fields[.contentType] = type
        fields[.contentRange] = Self.contentRange(parts[0], of: file)
        return ServerResponse(
          status: .partialContent, fields: fields, body: .pieces([.file(file, parts[0])]))
      }
      // RFC 9110 §14.6: several parts in one multipart body.
      let boundary = Cryptography.randomOctets(12).map { String($0, radix: 16) }.joined()
      fields[.contentType] = "multipart/byteranges; boundary=\(boundary)"
      var pieces: [ServerResponse.Piece] = []
      for part in parts {
        let head =
          "\r\n--\(boundary)\r\nContent-Type: \(type)\r\n"
          + "Content-Range: \(Self.contentRange(part, of: file))\r\n\r\n"
        pieces += [.octets(Array(head.utf8)), .file(file, part)]
      }
      pieces.append(.octets(Array("\r\n--\(boundary)--\r\n".utf8)))
      return ServerResponse(status: .partialContent, fields: fields, body: .pieces(pieces))
    }
  }

  private static func contentRange(_ range: Range<Int>, of file: ReadableFile) -> String {
    "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.byteCount)"
  }
}
