import HTTP
import Transport
import WebSocketProtocol

/// One request on its way to another server, and the response on its way back.
///
/// What one side does not take in time pauses the other, so that nothing piles up here.
final class ForwardingHandler: ExchangeHandler {
  private let forwarding: Forwarding
  private var upstream: UpstreamSocket?

  init(_ forwarding: Forwarding) { self.forwarding = forwarding }

  func began(_ exchange: HTTPExchange) {
    let request = exchange.request
    var head: RequestHead
    do throws(RequestFailure) {
      head = try forwarding.head(for: request)
    } catch {
      return exchange.fail(error)
    }
    if let before = forwarding.before {
      switch before(request, head) {
      case .forward(let changed): head = changed
      case .respond(let response):
        exchange.closeAfterResponse()
        return exchange.respond(response)
      }
    }
    let framing = request.isUpgrade ? .none : (try? BodyFraming(of: request.head)) ?? .none
    frame(&head.fields, framing, of: request)
    var output: [UInt8] = []
    do {
      try head.write(to: &output)
    } catch {
      return exchange.fail(RequestFailure(.badRequest, "The request cannot be handed over."))
    }
    let upstream = UpstreamSocket(
      exchange, forwarding, head: output, isChunked: framing == .chunked)
    self.upstream = upstream
    exchange.pauseReceiving()
    forwarding.connector.connect(upstream)
  }

  /// Says where the body ends as it was understood here, whatever the fields said before.
  private func frame(
    _ fields: inout HTTPFields, _ framing: BodyFraming, of request: ServerRequest
  ) {
    fields[.contentLength] = nil
    fields[.transferEncoding] = nil
    switch framing {
    case .length(let byteCount): fields[.contentLength] = "\(byteCount)"
    case .chunked: fields[.transferEncoding] = "chunked"
    // That a body is empty says more than that there is none (RFC 9110 §8.6).
    case .none: if request.fields.contains(.contentLength) { fields[.contentLength] = "0" }
    case .untilClose: break
    }
  }

  func received(_ content: Span<UInt8>, in exchange: HTTPExchange) {
    upstream?.forward(content, isTunnel: exchange.isTunnel)
  }

  func requestEnded(trailers: HTTPFields, in exchange: HTTPExchange) {
    upstream?.requestEnded(isTunnel: exchange.isTunnel)
  }

  func readyToSend(in exchange: HTTPExchange) { upstream?.resumeReading() }

  func ended(_ exchange: HTTPExchange, isComplete: Bool) {
    upstream?.exchangeEnded()
    upstream = nil
  }
}

/// The connection to the other server.
final class UpstreamSocket: StreamSocket {
  private enum Phase {
    case connecting, awaitingHead, body, tunnel, over
  }

  private let exchange: HTTPExchange
  private let forwarding: Forwarding
  private let head: [UInt8]
  private let isChunked: Bool
  private var phase = Phase.connecting
  private var parser = ResponseHeadParser()
  private var decoder: BodyDecoder?
  /// Content that came before the connection was up.
  private var early: [UInt8] = []
  private var isRequestOver = false

  /// Octets that may wait for the other server before the client is no longer read from.
  private static let capacity = 1 << 20

  init(_ exchange: HTTPExchange, _ forwarding: Forwarding, head: [UInt8], isChunked: Bool) {
    self.exchange = exchange
    self.forwarding = forwarding
    self.head = head
    self.isChunked = isChunked
    super.init(loop: exchange.loop)
  }

  // MARK: To the other server

  func forward(_ content: Span<UInt8>, isTunnel: Bool) {
    if phase == .connecting {
      append(content, to: &early)
    } else if isChunked, !isTunnel {
      var output: [UInt8] = []
      ChunkedEncoder.append(content, to: &output)
      write(output.span)
    } else {
      write(content)
    }
    if pendingByteCount + early.count > Self.capacity { exchange.pauseReceiving() }
  }

  private func append(_ content: Span<UInt8>, to output: inout [UInt8]) {
    if isChunked {
      ChunkedEncoder.append(content, to: &output)
    } else {
      content.append(to: &output)
    }
  }

  func requestEnded(isTunnel: Bool) {
    isRequestOver = true
    if isTunnel { return shutdownOutput() }
    guard isChunked else { return }
    var output: [UInt8] = []
    ChunkedEncoder.appendEnd(to: &output)
    if phase == .connecting { early += output } else { write(output.span) }
  }

  func exchangeEnded() {
    phase = .over
    abort()
  }

  override func connected(_ timings: ConnectTimings) {
    guard phase == .connecting else { return abort() }
    phase = .awaitingHead
    deadline = loop.now + forwarding.responseTimeout
    let content = early
    early = []
    let head = self.head
    write(head.span, content.span)
    exchange.resumeReceiving()
  }

  override func writable() { exchange.resumeReceiving() }

  // MARK: From the other server

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    var position = 0
    let span = bytes.span
    while position < span.count, phase == .awaitingHead {
      do throws(HeadError) {
        guard let (head, count) = try parser.parse(span.extracting(droppingFirst: position)) else {
          return
        }
        position += count
        try take(head)
      } catch {
        return fail(.badGateway, "The other server's response is malformed.")
      }
    }
    let rest = span.extracting(droppingFirst: position)
    if phase == .tunnel {
      exchange.send(rest)
    } else if phase == .body {
      receiveBody(rest)
    }
    if exchange.isCongested, phase == .body || phase == .tunnel { pauseReading() }
  }

  private func take(_ head: ResponseHead) throws(HeadError) {
    var head = head
    if head.status.code == 101, exchange.request.isUpgrade {
      deadline = nil
      phase = .tunnel
      forwarding.after?(exchange.request, &head)
      return exchange.switchProtocols(head)
    }
    if 100..<200 ~= head.status.code {
      parser = ResponseHeadParser()
      return
    }
    let framing = try BodyFraming(of: head, to: exchange.request.method)
    let decoder = try BodyDecoder(framing, maximumByteCount: .max)
    deadline = nil
    phase = .body
    self.decoder = decoder
    for name in head.fields.elements(of: .connection).compactMap({ HTTPField.Name(String($0)) }) {
      head.fields[name] = nil
    }
    for name in Forwarding.hopByHop { head.fields[name] = nil }
    let length: Int? =
      switch framing {
      case .length(let byteCount): byteCount
      // What a GET would be answered with, if that is told.
      case .none where exchange.request.method == .head:
        try? BodyFraming.length(in: head.fields)
      case .none: 0
      case .chunked, .untilClose: nil
      }
    head.fields[.contentLength] = nil
    forwarding.after?(exchange.request, &head)
    exchange.begin(ServerResponse(status: head.status, fields: head.fields), length: length)
    if decoder.isComplete { complete() }
  }

  private func receiveBody(_ bytes: Span<UInt8>) {
    guard var decoder else { return }
    do throws(HeadError) {
      _ = try decoder.decode(bytes) { exchange.send($0) }
    } catch {
      return fail(.badGateway, "The other server's response is malformed.")
    }
    self.decoder = decoder
    if decoder.isComplete { complete() }
  }

  private func complete() {
    phase = .over
    exchange.finish()
    abort()
  }

  override func receivedEndOfStream() {
    switch phase {
    case .tunnel:
      phase = .over
      exchange.finish()
      close()
    case .body:
      // Only a close_notify tells that what ends with the connection is whole (RFC 9112 §9.8).
      if !inputWasTruncated, decoder?.receiveEndOfStream() == true {
        complete()
      } else {
        fail(.badGateway, "The other server broke off.")
      }
    case .connecting, .awaitingHead: fail(.badGateway, "The other server broke off.")
    case .over: close()
    }
  }

  override func deadlineReached() {
    fail(.gatewayTimeout, "The other server takes too long.")
  }

  override func closed(_ reason: CloseReason) {
    guard phase != .over else { return }
    if case .connectFailed(let error) = reason, error.kind == .timedOut {
      return fail(.gatewayTimeout, "The other server takes too long.")
    }
    fail(.badGateway, "The other server cannot be reached.")
  }

  private func fail(_ status: HTTPResponse.Status, _ reason: String) {
    guard phase != .over else { return }
    phase = .over
    exchange.closeAfterResponse()
    exchange.fail(RequestFailure(status, reason))
    abort()
  }
}
