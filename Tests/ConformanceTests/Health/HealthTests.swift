import CaseLanguage
import Foundation
import Reports
import Testing
import Transport
import WebSocketProtocol
import WebSocketServer

@testable import Conformance

@Suite("The health of the peer while hostile cases play", .serialized)
struct HealthTests {
  static let hostile = """
    section RFC 6455 §10.7
    case hostile/text
      why A peer that is sent something odd stays well, and serves others.
      tags hostile
      > text "sick"
      > wait 200ms
      > reset
      < text "sick" optional
      < fail
    """

  func play(_ url: WebSocketURL, _ health: HealthOptions?) async throws -> CaseResult {
    let cases = try CaseParser.parse(bytes: Array(Self.hostile.utf8), path: "hostile.case")
    var options = ConformanceOptions(url: url, cases: cases)
    options.health = health
    let outcome = try await ConformanceClient(options).run { _ in }
    return try #require(outcome.agent.results.first)
  }

  @Test func `a healthy peer has nothing to fear`() async throws {
    let server = WebSocketServer(
      configuration: ServerConfiguration(
        listeners: [ListenerConfiguration(address: .loopback(port: 0))]),
      handler: .echo)
    try server.start()
    let port = try #require(server.addresses.first?.port)
    let result = try await play(WebSocketURL("ws://127.0.0.1:\(port)/"), HealthOptions())
    await server.abort()
    #expect(result.verdict.overall == .pass, "\(result.reason)")
  }

  @Test(arguments: [
    ("deaf", "a second connection got no answer within"),
    ("rude", "a second connection was lost"),
    ("hoards", "memory grew by"),
    ("leaks", "descriptors more than before"),
    ("rudely leaks", "descriptors more than before"),
    ("spins", "it goes on using the processor"),
    ("dies", "the process has ended"),
  ])
  func `a sickness is found, with evidence`(sickness: String, words: String) async throws {
    let peer = try SickPeer(sickness)
    defer { peer.end() }
    var health = HealthOptions(processID: peer.processID)
    health.memoryByteCount = 32 << 20
    health.settlingTime = .milliseconds(500)
    health.answerTimeout = sickness == "deaf" ? .milliseconds(500) : .seconds(30)
    let result = try await play(peer.url, health)
    #expect(result.verdict.behaviour == .fail)
    #expect(result.reason.hasPrefix("peer health: "), "\(result.reason)")
    #expect(result.reason.contains(words), "\(result.reason)")
    #expect(result.received?.contains("; peer: ") == true)
  }

  @Test func `a sickness is no matter where nobody looks`() async throws {
    let peer = try SickPeer("leaks")
    defer { peer.end() }
    let result = try await play(peer.url, nil)
    #expect(result.verdict.overall == .pass)
  }

  @Test func `processes that a process has started belong to it`() throws {
    let child = Process()
    child.executableURL = URL(filePath: "/bin/sleep")
    child.arguments = ["30"]
    try child.run()
    defer { kill(child.processIdentifier, SIGKILL) }
    let own = ProcessInfo.processInfo.processIdentifier
    let family = ProcessVitals.family(of: own)
    #expect(family.first == own)
    #expect(family.contains(child.processIdentifier))
    let (one, all) = (ProcessVitals(of: [own]), ProcessVitals(of: family))
    #expect(try #require(all).descriptorCount > (try #require(one)).descriptorCount)
    #expect(ProcessVitals(of: [Int32.max]) == nil)
  }
}

/// A small WebSocket server in a process of its own that falls sick when it is sent `sick`.
final class SickPeer {
  private let process = Process()
  private(set) var port = 0

  init(_ sickness: String) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.program, sickness]
    process.standardOutput = output
    try process.run()
    var line = Data()
    while !line.contains(0x0a) {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      line += more
    }
    port = Int(String(decoding: line.prefix { $0 != 0x0a }, as: UTF8.self)) ?? 0
  }

  var processID: Int32 { process.processIdentifier }

  var url: WebSocketURL {
    get throws { try WebSocketURL("ws://127.0.0.1:\(port)/") }
  }

  /// Ends it for certain: a test process may have blocked the gentler signals.
  func end() { kill(process.processIdentifier, SIGKILL) }

  private static let program = """
    import base64, hashlib, os, socket, sys, threading, time
    sickness, sick, kept = sys.argv[1], threading.Event(), []
    watchdog = threading.Timer(60, os._exit, [0])
    watchdog.daemon = True
    watchdog.start()

    def read(c, n):
      data = b""
      while len(data) < n:
        part = c.recv(n - len(data))
        if not part: raise EOFError
        data += part
      return data

    def fall_sick():
      sick.set()
      if sickness == "hoards": kept.append(bytearray(os.urandom(1 << 20)) * 64)
      if "leaks" in sickness: kept.extend(open("/dev/null") for _ in range(5))
      if sickness == "dies": os._exit(1)
      while sickness == "spins": pass

    def serve(c):
      head = b""
      while b"\\r\\n\\r\\n" not in head: head += c.recv(4096)
      key = [l for l in head.split(b"\\r\\n") if l.lower().startswith(b"sec-websocket-key:")][0]
      digest = hashlib.sha1(key.split(b":")[1].strip() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
      c.sendall(b"HTTP/1.1 101 x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest.digest()) + b"\\r\\n\\r\\n")
      while True:
        first, length = read(c, 2)
        mask = read(c, 4)
        data = bytes(o ^ mask[i % 4] for i, o in enumerate(read(c, length & 127)))
        if data == b"sick": return fall_sick()
        if sick.is_set() and sickness == "deaf": continue
        if sick.is_set() and "rude" in sickness: return
        c.sendall(bytes([first, len(data)]) + data)
        if first == 0x88: return

    def run(c):
      try: serve(c)
      except (EOFError, OSError): pass
      finally: c.close()

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
      c, _ = listener.accept()
      threading.Thread(target=run, args=(c,), daemon=True).start()
    """
}
