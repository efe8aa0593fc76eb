public import HTTP
import WebSocketProtocol

/// Reacts to one request on the loop of its connection: the fast path, and what all else is made of.
///
/// The request's content is lent while it arrives. The response is sent through the exchange, at any
/// time; one that is sent before the whole request has come ends the connection after it.
public protocol ExchangeHandler: AnyObject {
  /// The head has come and the client was let in; the first call.
  func began(_ exchange: HTTPExchange)

  /// A piece of the request's content came.
  func received(_ content: Span<UInt8>, in exchange: HTTPExchange)

  /// The request is complete.
  func requestEnded(trailers: HTTPFields, in exchange: HTTPExchange)

  /// Output that had to wait has all gone to the kernel.
  func readyToSend(in exchange: HTTPExchange)

  /// The exchange is over; the last call. It is not complete when the connection broke.
  func ended(_ exchange: HTTPExchange, isComplete: Bool)
}

extension ExchangeHandler {
  /// Does nothing.
  public func began(_ exchange: HTTPExchange) {}

  /// Ignores the content.
  public func received(_ content: Span<UInt8>, in exchange: HTTPExchange) {}

  /// Does nothing.
  public func requestEnded(trailers: HTTPFields, in exchange: HTTPExchange) {}

  /// Does nothing.
  public func readyToSend(in exchange: HTTPExchange) {}

  /// Does nothing.
  public func ended(_ exchange: HTTPExchange, isComplete: Bool) {}
}

/// Keeps a request's content and hands it over whole.
final class CollectingHandler: ExchangeHandler {
  private var body: [UInt8] = []
  private let respond: @Sendable (ServerRequest) throws -> ServerResponse

  init(_ respond: @escaping @Sendable (ServerRequest) throws -> ServerResponse) {
    self.respond = respond
  }

  func received(_ content: Span<UInt8>, in exchange: HTTPExchange) { content.append(to: &body) }

  func requestEnded(trailers: HTTPFields, in exchange: HTTPExchange) {
    var request = exchange.request
    request.body = body
    do {
      exchange.respond(try respond(request))
    } catch {
      exchange.fail(error)
    }
  }
}

/// Answers at once, whatever follows the head.
final class FixedResponseHandler: ExchangeHandler {
  private let response: ServerResponse

  init(_ response: ServerResponse) { self.response = response }

  func began(_ exchange: HTTPExchange) { exchange.respond(response) }
}
