public import HTTP
import Logging
public import Transport
import WebSocketProtocol

/// One request and its response, on the loop of their connection.
///
/// Theory of operation. A connection has one exchange at a time; what a client sends ahead waits, held
/// back down to the TCP window. The response's head is sent with the body that follows it, or ahead of
/// it; the body is framed by its length, by chunks, or by the end of the connection for a client of
/// HTTP/1.0. Files and other pieces are read when the client has taken what came before, so that a slow
/// client costs one piece of memory. When request and response are complete the connection goes on to
/// the next request, or ends where it must: after a response that came before the request's end, or as
/// either side wishes.
public final class HTTPExchange {
  private enum Phase {
    case awaiting
    case sending(Framing)
    case complete
  }

  private enum Framing {
    case length(left: Int)
    case chunked
    case untilClose
    /// The body is left out: a HEAD, or a status that has none.
    case omitted
  }

  /// Octets that one look at a file may send before others have their turn.
  private static let turnByteCount = 1 << 20
  static let pieceByteCount = 128 << 10

  /// The request.
  public internal(set) var request: ServerRequest
  /// The loop that the exchange belongs to.
  public let loop: EventLoop
  private(set) weak var connection: ServerConnection?
  private var handler: (any ExchangeHandler)?
  private var decoder: BodyDecoder
  private var phase = Phase.awaiting
  private var requestHasEnded = false
  private var pieces: ArraySlice<ServerResponse.Piece> = []
  private var closes: Bool
  /// When the content began to come, and how much has come.
  private let started: ContinuousClock.Instant
  /// Called for every response, before its head is written.
  var decorate: ((inout ServerResponse) -> Void)?

  init(
    _ request: ServerRequest, on connection: ServerConnection, decoder: BodyDecoder, closes: Bool
  ) {
    self.request = request
    self.connection = connection
    loop = connection.loop
    self.decoder = decoder
    self.closes = closes
    started = connection.loop.now
  }

  // MARK: For handlers

  /// Whether no response was begun yet.
  public var isAwaitingResponse: Bool {
    if case .awaiting = phase { connection != nil } else { false }
  }

  /// The octets that wait for the client to take them.
  public var queuedByteCount: Int { connection?.pendingByteCount ?? 0 }

  /// Whether more output waits than the configuration allows: send no more until `readyToSend`.
  public var isCongested: Bool {
    guard let connection else { return false }
    return connection.pendingByteCount > connection.host.queueLimit
  }

  /// Sends the whole response; a stream runs as a task.
  public func respond(_ response: ServerResponse) {
    guard isAwaitingResponse else { return }
    switch response.body {
    case .octets(let octets):
      begin(response, length: octets.count, content: octets)
      finish()
    case .pieces(let list):
      begin(response, length: list.reduce(0) { $0 + $1.byteCount })
      pieces = list[...]
      if case .sending(.omitted) = phase { pieces = [] }
      sendPieces()
    case .stream(let length, let write):
      begin(response, length: length)
      if case .sending(.omitted) = phase { return finish() }
      ResponseTask.run(write, for: self)
    }
  }

  /// Sends the head of a response whose body follows with `send(_:)` and `finish()`.
  /// - Parameters:
  ///   - response: The head; its body is not looked at.
  ///   - length: The length of the body, if it is known.
  public func begin(_ response: ServerResponse, length: Int?) {
    guard isAwaitingResponse else { return }
    begin(response, length: length, content: [])
  }

  /// Sends a piece of the body; octets beyond the announced length are dropped.
  public func send(_ content: Span<UInt8>) {
    guard let connection, !content.isEmpty, case .sending(let framing) = phase else { return }
    switch framing {
    case .length(let left):
      let count = min(left, content.count)
      phase = .sending(.length(left: left - count))
      connection.write(content.extracting(0..<count))
    case .chunked:
      var output: [UInt8] = []
      ChunkedEncoder.append(content, to: &output)
      connection.write(output.span)
    case .untilClose: connection.write(content)
    case .omitted: break
    }
    if isCongested {
      connection.outputIsLate()
    } else if isTunnel {
      connection.tunnelMoved()
    }
  }

  /// Ends the body; one that is shorter than announced breaks the connection.
  public func finish(trailers: HTTPFields = HTTPFields()) {
    guard let connection, case .sending(let framing) = phase else { return }
    switch framing {
    case .length(let left) where left > 0: return connection.abort()
    case .chunked:
      var output: [UInt8] = []
      ChunkedEncoder.appendEnd(trailers: trailers, to: &output)
      connection.write(output.span)
    case .length, .untilClose, .omitted: break
    }
    phase = .complete
    end(isComplete: true)
    connection.exchangeEnded(closes: closes)
  }

  /// Answers with the status of a `RequestFailure`, with 500 for any other error, or breaks the
  /// connection if a response was begun.
  public func fail(_ error: any Error) {
    guard isAwaitingResponse else {
      connection?.abort()
      return
    }
    if let failure = error as? RequestFailure {
      return respond(.text(failure.reason, status: failure.status))
    }
    connection?.host.context.log.write(
      .warning, .handler, at: loop.now, "request handler failed",
      metadata: ["id": "\(request.connectionID)", "error": "\(type(of: error))"])
    respond(.text("The server failed.", status: .internalServerError))
  }

  /// Stops reading the request from the client, down to the TCP window.
  public func pauseReceiving() { connection?.pauseReading() }

  /// Goes on reading the request.
  public func resumeReceiving() {
    guard let connection, !connection.isHolding else { return }
    connection.resumeReading()
  }

  /// Has the connection end after this response.
  public func closeAfterResponse() { closes = true }

  // MARK: For the connection

  /// Another handler hears of the rest, and has the one before told what is its business.
  ///
  /// - Returns: The one before.
  func hand(over handler: any ExchangeHandler) -> (any ExchangeHandler)? {
    defer { self.handler = handler }
    return self.handler
  }

  /// Ends the connection, so that nobody takes what was sent for the whole.
  func breakOff() {
    if case .complete = phase { return }
    connection?.abort()
  }

  /// Whether the connection carries another protocol's octets both ways.
  private(set) var isTunnel = false
  /// When a tunnel ends whose client has ended.
  private var tunnelEnd: ContinuousClock.Instant?

  /// Sends a 101 as it is; from then on octets go both ways until either side ends or both are silent.
  func switchProtocols(_ head: ResponseHead) {
    guard isAwaitingResponse, let connection else { return }
    isTunnel = true
    phase = .sending(.untilClose)
    var output: [UInt8] = []
    head.write(to: &output)
    connection.deadline = deadline
    connection.write(output.span)
    // What came ahead, not from inside the other server's call.
    let held = LoopBound(connection, on: loop)
    held.execute { $0.continueRequests() }
  }

  /// The client sends no more: the end of a tunnel, for which the other server is given a moment, and
  /// of a request that is not complete.
  func receiveEndOfStream() {
    guard let connection else { return }
    guard isTunnel else { return connection.abort() }
    tunnelEnd = loop.now + connection.host.context.configuration.timeouts.closingHandshake
    connection.tunnelMoved()
    _ = decoder.receiveEndOfStream()
    endRequestIfComplete()
  }

  /// Whether nothing more is expected from the client: after an opening handshake, until the other
  /// server has agreed, what follows may be no frames.
  var isRequestComplete: Bool { requestHasEnded || (request.isUpgrade && !isTunnel) }

  func start(_ handler: any ExchangeHandler) {
    self.handler = handler
    if !decoder.isComplete, !request.isUpgrade, request.head.version >= .http11,
      request.fields[.expect]?.lowercased() == "100-continue"
    {
      // RFC 9110 §10.1.1.
      connection?.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8).span)
    }
    handler.began(self)
    endRequestIfComplete()
  }

  /// Takes content of the request; returns how many octets belong to it.
  func receive(_ bytes: Span<UInt8>) -> Int {
    let count: Int
    // Taken out, for the handler may look at the exchange, and so at the decoder, meanwhile.
    var decoder = decoder
    do throws(HeadError) {
      count = try decoder.decode(bytes) { content in
        handler?.received(content, in: self)
      }
      self.decoder = decoder
    } catch {
      closes = true
      if isAwaitingResponse {
        respond(.text(error.reason, status: error.status))
      } else {
        connection?.abort()
      }
      return bytes.count
    }
    endRequestIfComplete()
    return count
  }

  /// When the request must be complete; `nil` where nothing of it is missing.
  ///
  /// It has half a minute, and a second more for each KiB. A tunnel has the idle timeout instead, and an end.
  var deadline: ContinuousClock.Instant? {
    if isTunnel { return tunnelEnd ?? connection?.idleTimeout.map { loop.now + $0 } }
    guard !isRequestComplete else { return nil }
    return started + .seconds(30) + .seconds(decoder.byteCount >> 10)
  }

  /// The request did not come in time; once the response has begun, nothing can be said about it.
  func deadlineReached() {
    guard let connection, deadline != nil else { return }
    guard !isTunnel else { return finish() }
    guard isAwaitingResponse else { return connection.abort() }
    let failure = RequestFailure(.requestTimeout, "The request did not come in time.")
    connection.noteRefusal(failure.status.code, failure.reason)
    fail(failure)
  }

  /// Output that had to wait has gone.
  func outputDrained() {
    if !pieces.isEmpty { return sendPieces() }
    if case .sending = phase { handler?.readyToSend(in: self) }
  }

  /// The connection is gone.
  func connectionEnded() {
    phase = .complete
    pieces = []
    end(isComplete: false)
  }

  // MARK: Behind it

  private func endRequestIfComplete() {
    guard decoder.isComplete, !requestHasEnded, handler != nil else { return }
    requestHasEnded = true
    handler?.requestEnded(trailers: decoder.trailers, in: self)
  }

  private func end(isComplete: Bool) {
    let handler = self.handler
    self.handler = nil
    handler?.ended(self, isComplete: isComplete)
  }

  private func begin(_ response: ServerResponse, length: Int?, content: [UInt8]) {
    guard let connection else { return }
    var response = response
    decorate?(&response)
    var head = ResponseHead(status: response.status, fields: response.fields)
    let code = response.status.code
    // Who answers before the end of the request does not read the rest of it.
    if !decoder.isComplete || response.closesConnection { closes = true }
    let framing: Framing
    if code == 204 || code == 304 || 100..<200 ~= code {
      framing = .omitted
    } else if let length {
      head.fields[.contentLength] = "\(length)"
      framing = request.method == .head ? .omitted : .length(left: length)
    } else if request.head.version >= .http11 {
      head.fields[.transferEncoding] = "chunked"
      framing = request.method == .head ? .omitted : .chunked
    } else {
      closes = true
      framing = request.method == .head ? .omitted : .untilClose
    }
    connection.host.context.complete(&head, closes: closes)
    var output: [UInt8] = []
    head.write(to: &output)
    phase = .sending(framing)
    if case .length = framing, !content.isEmpty {
      phase = .sending(.length(left: 0))
      connection.write(output.span, content.span)
    } else {
      connection.write(output.span)
    }
    connection.responseBegan()
  }

  /// Sends pieces as long as the client takes them; a turn at a time.
  private func sendPieces() {
    var sent = 0
    while let connection, let piece = pieces.first {
      guard connection.pendingByteCount == 0 else { return connection.outputIsLate() }
      guard sent < Self.turnByteCount else {
        let held = LoopBound(self, on: loop)
        return held.execute { $0.outputDrained() }
      }
      switch piece {
      case .octets(let octets):
        pieces.removeFirst()
        sent += octets.count
        send(octets.span)
      case .file(let file, let range):
        var octets: [UInt8] = []
        let wanted = min(range.count, Self.pieceByteCount)
        let count = wanted == 0 ? 0 : file.read(wanted, at: range.lowerBound, into: &octets)
        // A file that became shorter cannot be told otherwise any more.
        guard count == wanted else { return connection.abort() }
        let rest = (range.lowerBound + count)..<range.upperBound
        if rest.isEmpty {
          pieces.removeFirst()
        } else {
          pieces[pieces.startIndex] = .file(file, rest)
        }
        sent += count
        send(octets.span)
      }
    }
    if pieces.isEmpty { finish() }
  }
}
