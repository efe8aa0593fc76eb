import HTTP
import Logging
import ServerLifecycle
import ServiceLifecycle
import Transport
import UnixSignals
import WebSocketProtocol
import WebSocketServer

/// A chat with rooms: at `/ROOM?name=NAME`, what somebody says is heard by all in the room.
///
///     swift run chat 9001        then open http://127.0.0.1:9001/lobby in two windows
///
/// A room is a channel: a connection subscribes to it, and a broadcast reaches it, whichever loop its
/// members live on. Who does not keep up misses the oldest lines and nobody waits for him.
@main
enum Chat {
  static func main() async throws {
    let port = CommandLine.arguments.dropFirst().first.flatMap(UInt16.init) ?? 9001
    var configuration = ServerConfiguration(
      listeners: [ListenerConfiguration(address: .loopback(port: port))])
    configuration.limits.messageByteCount = 4 << 10
    configuration.limits.queuedOutputByteCount = 64 << 10
    configuration.slowConsumers = .dropOldest
    configuration.heartbeat = Heartbeat(interval: .seconds(30), timeout: .seconds(10))
    configuration.http.get("/") { _ in .redirect(to: "/lobby") }
    configuration.http.get("/:room") { _ in .html(page) }

    let log = Logger(label: "chat")
    let server = WebSocketServer(
      configuration: configuration, handler: .asynchronous(visit), logger: log
    ) {
      if case .started(let addresses) = $0 { log.notice("http://\(addresses[0])/lobby") }
    }
    // SIGTERM and SIGINT say Close 1001 to everybody, and end the program in order.
    let services = ServiceGroup(
      configuration: .init(
        services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint],
        logger: log))
    try await services.run()
  }

  /// One visitor, from entering a room to leaving it.
  private static func visit(_ connection: AsyncConnection) async throws {
    let target = connection.request.target
    guard let room = target.segments?.first, !room.isEmpty,
      let name = target.queryValue("name"), 1...32 ~= name.utf8.count
    else { return connection.close(.policyViolation, reason: "/ROOM?name=NAME") }

    func tell(_ line: String, butNotMe: Bool = false) {
      connection.server.broadcast(
        Message(line), to: .channel(room), excluding: butNotMe ? [connection.id] : [])
    }
    connection.subscribe(to: room)
    tell("\(name) comes in")
    defer { tell("\(name) leaves", butNotMe: true) }
    for try await message in connection.messages where message.kind == .text {
      tell("\(name): \(message.text)")
    }
  }

  private static let page = """
    <!doctype html>
    <meta charset="utf-8"><title>Chat</title>
    <style>body { font: 16px/1.5 system-ui; max-width: 40rem; margin: 2rem auto }</style>
    <h1></h1>
    <div id="lines" role="log"></div>
    <form><input autofocus aria-label="What to say"> <button>Say</button></form>
    <script>
    const name = prompt('Your name?', 'guest') || 'guest';
    const socket = new WebSocket(
      location.href.replace(/^http/, 'ws') + '?name=' + encodeURIComponent(name));
    const show = text => document.querySelector('#lines').append(
      Object.assign(document.createElement('div'), { textContent: text }));
    document.querySelector('h1').textContent = location.pathname.slice(1);
    socket.onmessage = event => show(event.data);
    socket.onclose = event => show('gone: ' + event.code + ' ' + event.reason);
    document.querySelector('form').onsubmit = event => {
      event.preventDefault();
      const input = document.querySelector('input');
      if (input.value) socket.send(input.value);
      input.value = '';
    };
    </script>
    """
}
