public import HTTP
public import Transport

/// How files are taken in from forms (RFC 7578).
public struct UploadOptions: Sendable {
  /// What a hook decides on a file before it comes.
  public enum Decision: Sendable {
    /// Take it.
    case accept
    /// Read over it.
    case skip
    /// Answer with a status; nothing further is read.
    case refuse(RequestFailure)
  }

  /// The folder that the files are written into, under names of our own.
  public var folder: String
  /// The longest body.
  public var maximumByteCount = 1 << 30
  /// The longest file.
  public var maximumFileByteCount = 256 << 20
  /// The most octets of all fields that are no files.
  public var maximumFieldByteCount = 1 << 20
  /// Bounds on the parts and their heads.
  public var parts = MultipartParser.Limits()
  /// Decides on each file before it comes, by what the form says of it; on the loop.
  public var beforeFile: (@Sendable (ServerRequest, UploadedPart) -> Decision)?
  /// Sees each file when it has come, before the form is complete; on the loop.
  public var afterFile: (@Sendable (ServerRequest, UploadedPart) -> Void)?

  /// Options as documented.
  public init(folder: String) { self.folder = folder }
}

/// One field of a form.
public struct UploadedPart: Sendable {
  /// The field's name.
  public let name: String
  /// The name of the file at the client, without any folder; `nil` for a field that is no file.
  public let fileName: String?
  /// What the client says it is.
  public let contentType: String?
  /// The octets of a field that is no file.
  public internal(set) var content: [UInt8] = []
  /// The file on disk, which is removed with the last reference unless it is kept.
  public internal(set) var file: UploadedFile?
  /// How many octets have come.
  public internal(set) var byteCount = 0

  /// The content as text.
  public var text: String { String(decoding: content, as: UTF8.self) }
}

/// A form that has come.
public struct UploadedForm: Sendable {
  /// Its fields in order, files among them.
  public internal(set) var parts: [UploadedPart] = []

  /// The first field of a name.
  public subscript(_ name: String) -> UploadedPart? { parts.first { $0.name == name } }
}

extension HTTPHandler {
  /// Takes forms with files, written to disk as they come; `respond` is called with the whole form.
  public static func uploads(
    _ options: UploadOptions,
    _ respond: @escaping @Sendable (ServerRequest, UploadedForm) throws -> ServerResponse
  ) -> HTTPHandler {
    HTTPHandler(maximumBodyByteCount: options.maximumByteCount) { _ in
      UploadHandler(options, respond)
    }
  }
}

extension HTTPService {
  /// Adds a route at which forms with files are posted; `respond` is called with the whole form.
  public mutating func upload(
    _ pattern: String, _ options: UploadOptions,
    _ respond: @escaping @Sendable (ServerRequest, UploadedForm) throws -> ServerResponse
  ) {
    route(.post, pattern, .uploads(options, respond))
  }
}

/// Reads one form.
final class UploadHandler: ExchangeHandler {
  private let options: UploadOptions
  private let respond: @Sendable (ServerRequest, UploadedForm) throws -> ServerResponse
  private var parser: MultipartParser?
  private var form = UploadedForm()
  private var current: UploadedPart?
  private var skips = false
  private var fieldByteCount = 0

  init(
    _ options: UploadOptions,
    _ respond: @escaping @Sendable (ServerRequest, UploadedForm) throws -> ServerResponse
  ) {
    self.options = options
    self.respond = respond
  }

  func began(_ exchange: HTTPExchange) {
    do throws(HeadError) {
      parser = try MultipartParser(
        contentType: exchange.request.fields.single(.contentType) ?? "", limits: options.parts)
    } catch {
      exchange.fail(RequestFailure(error.status, error.reason))
    }
  }

  func received(_ content: Span<UInt8>, in exchange: HTTPExchange) {
    guard var parser, exchange.isAwaitingResponse else { return }
    self.parser = nil
    do {
      var events: [MultipartParser.Event] = []
      try parser.parse(content, into: &events)
      for event in events { try take(event, exchange.request) }
      self.parser = parser
    } catch let error as HeadError {
      exchange.fail(RequestFailure(error.status, error.reason))
    } catch {
      exchange.fail(error)
    }
  }

  func requestEnded(trailers: HTTPFields, in exchange: HTTPExchange) {
    guard exchange.isAwaitingResponse else { return }
    guard parser?.isComplete == true else {
      return exchange.fail(RequestFailure(.badRequest, "The form is not complete."))
    }
    do {
      exchange.respond(try respond(exchange.request, form))
    } catch {
      exchange.fail(error)
    }
    form = UploadedForm()
  }

  /// Files that have come are of no use without the rest.
  func ended(_ exchange: HTTPExchange, isComplete: Bool) {
    form = UploadedForm()
    current = nil
  }

  private func take(_ event: MultipartParser.Event, _ request: ServerRequest) throws {
    switch event {
    case .part(let fields): try begin(fields, request)
    case .content(let octets): try append(octets)
    case .partEnd: end(request)
    case .end: break
    }
  }

  private func begin(_ fields: HTTPFields, _ request: ServerRequest) throws {
    guard let disposition = fields.single(.contentDisposition).flatMap({ FieldParameters($0) }),
      disposition.value.lowercased() == "form-data", let name = disposition["name"]
    else { throw RequestFailure(.badRequest, "A part of the form has no name.") }
    // RFC 7578 §4.2: a path in the name is not to be followed.
    let fileName = disposition["filename"].map { path in
      String(path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? "")
    }
    var part = UploadedPart(
      name: name, fileName: fileName, contentType: fields.single(.contentType))
    skips = false
    if fileName != nil {
      switch options.beforeFile?(request, part) ?? .accept {
      case .accept: part.file = try UploadedFile(in: options.folder)
      case .skip: skips = true
      case .refuse(let failure): throw failure
      }
    }
    current = part
  }

  private func append(_ octets: [UInt8]) throws {
    guard !skips, var part = current else { return }
    current = nil
    part.byteCount += octets.count
    if let file = part.file {
      guard part.byteCount <= options.maximumFileByteCount else {
        throw RequestFailure(
          .contentTooLarge, "A file is longer than \(options.maximumFileByteCount) octets.")
      }
      try file.write(octets)
    } else {
      fieldByteCount += octets.count
      guard fieldByteCount <= options.maximumFieldByteCount else {
        throw RequestFailure(
          .contentTooLarge,
          "The fields are longer than \(options.maximumFieldByteCount) octets.")
      }
      part.content += octets
    }
    current = part
  }

  private func end(_ request: ServerRequest) {
    guard !skips, let part = current else { return }
    current = nil
    if part.file != nil { options.afterFile?(request, part) }
    form.parts.append(part)
  }
}
