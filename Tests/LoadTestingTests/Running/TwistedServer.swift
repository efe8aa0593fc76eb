import HTTP
import Synchronization
import Testing
import Transport
import WebSocketProtocol

/// Tests that open connections: one after the other, since they measure time.
@Suite("Over loopback", .serialized, .timeLimit(.minutes(5)))
enum Loopback {}

/// An echo server that does wrong on purpose, and counts what it did.
final class TwistedServer: Sendable {
  /// What becomes of a message.
  enum Twist: CaseIterable, Sendable {
    case lose
    case double
    /// Held back until the next reply has gone.
    case delay
    case corruptContent
    case corruptSequence
    case truncate
    case changeKind
    /// In two frames, which is no fault.
    case split
    /// With a ping before it, which is no fault.
    case ping
  }

  /// What to do with the nth message of a connection.
  typealias Plan = @Sendable (_ number: Int) -> Twist?

  private let group: EventLoopGroup
  private let listener: Listener
  private let log = Mutex<[Twist: UInt64]>([:])
  let connections = Mutex<[LoopBound<TwistedSocket>]>([])

  init(_ plan: @escaping Plan = { _ in nil }, refusesUpgrade: Bool = false) throws {
    group = try EventLoopGroup(count: 1, name: "twisted")
    let box = Mutex<TwistedServer?>(nil)
    let boxed = SendableBox(box)
    listener = try Listener(
      loop: group.loops[0], address: .loopback(port: 0), options: Listener.Options(),
      onError: { _ in }
    ) { accepted in
      let server = boxed.value.withLock { $0 }
      let socket = TwistedSocket(
        loop: accepted.loop, plan: plan, server: server, refusesUpgrade: refusesUpgrade)
      server?.connections.withLock { $0.append(LoopBound(socket, on: accepted.loop)) }
      return socket
    }
    self.box = boxed
    boxed.value.withLock { $0 = self }
  }

  private let box: SendableBox

  /// Holds a mutex so that it can be shared.
  final class SendableBox: Sendable {
    let value: Mutex<TwistedServer?>

    init(_ value: consuming Mutex<TwistedServer?>) {
      self.value = value
    }
  }

  var url: String { "ws://127.0.0.1:\(listener.localAddress.port ?? 0)/" }

  func count(_ twist: Twist) -> UInt64 { log.withLock { $0[twist] ?? 0 } }

  func note(_ twist: Twist) { log.withLock { $0[twist, default: 0] += 1 } }

  /// Tears all connections down.
  func die() {
    listener.close()
    for connection in connections.withLock({ $0 }) { connection.execute { $0.abort() } }
  }

  func stop() {
    box.value.withLock { $0 = nil }
    group.stop()
  }
}

/// One connection of a twisted server.
final class TwistedSocket: StreamSocket {
  private var handshake: ServerHandshake? = ServerHandshake()
  private var core = Connection(role: .server)
  private let plan: TwistedServer.Plan
  private let server: TwistedServer?
  private let refusesUpgrade: Bool
  private var number = 0
  private var held: [UInt8] = []

  init(
    loop: EventLoop, plan: @escaping TwistedServer.Plan, server: TwistedServer?,
    refusesUpgrade: Bool
  ) {
    self.plan = plan
    self.server = server
    self.refusesUpgrade = refusesUpgrade
    super.init(loop: loop)
  }

  override func receive(_ bytes: inout MutableSpan<UInt8>) {
    guard handshake == nil else { return open(bytes.span) }
    var output: [UInt8] = []
    var messages: [(MessageKind, [UInt8])] = []
    var input = Input(bytes._mutatingExtracting(0..<bytes.count))
    while let event = core.nextEvent(&input, at: loop.now, output: &output) {
      guard case .message(let kind, let payload) = event else { continue }
      messages.append((kind, (0..<payload.count).map { payload[$0] }))
    }
    for (kind, payload) in messages { answer(kind, payload, &output) }
    write(output.span)
    if core.shouldCloseTransport { close() }
  }

  private func open(_ bytes: Span<UInt8>) {
    var output: [UInt8] = []
    guard case .upgrade(let request, _)? = handshake?.receive(bytes) else { return }
    if refusesUpgrade {
      HandshakeRefusal(.forbidden, "no").write(to: &output)
      write(output.span)
      return close()
    }
    handshake = nil
    request.writeResponse(to: &output)
    write(output.span)
  }

  private func answer(_ kind: MessageKind, _ payload: [UInt8], _ output: inout [UInt8]) {
    let twist = plan(number)
    number += 1
    if let twist { server?.note(twist) }
    var reply: [UInt8] = []
    switch twist {
    case nil: send(kind, payload, &reply)
    case .lose: break
    case .double:
      send(kind, payload, &reply)
      send(kind, payload, &reply)
    case .delay:
      send(kind, payload, &held)
      return
    case .corruptContent: send(kind, changed(payload, payload.count - 1), &reply)
    case .corruptSequence: send(kind, changed(payload, 3), &reply)
    case .truncate: send(kind, Array(payload.dropLast()), &reply)
    case .changeKind: send(kind == .text ? .binary : .text, payload, &reply)
    case .split:
      let head = Array(payload[..<(payload.count / 2)])
      let tail = Array(payload[(payload.count / 2)...])
      try? core.sendFragment(kind, head.span, isFinal: false, to: &reply)
      try? core.sendFragment(kind, tail.span, isFinal: true, to: &reply)
    case .ping:
      let body: [UInt8] = [1, 2, 3]
      try? core.sendPing(body.span, to: &reply)
      send(kind, payload, &reply)
    }
    output += reply
    if !held.isEmpty, !reply.isEmpty {
      output += held
      held = []
    }
  }

  private func changed(_ payload: [UInt8], _ index: Int) -> [UInt8] {
    var payload = payload
    payload[index] ^= 1
    return payload
  }

  private func send(_ kind: MessageKind, _ payload: [UInt8], _ output: inout [UInt8]) {
    try? core.send(kind, payload.span, to: &output)
  }
}
