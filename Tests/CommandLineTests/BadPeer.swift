import Foundation
import Glibc

/// A server on loopback that does what no server should; on a thread of its own.
final class BadPeer: @unchecked Sendable {
  enum Badness: CaseIterable, Sendable {
    case closesAtOnce, neverAnswers, floods, answersGarbage, refusesInColor
  }

  private let descriptor: Int32
  private let badness: Badness
  let url: String

  init(_ badness: Badness) throws {
    self.badness = badness
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let port = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(descriptor, address, length)
        unsafe getsockname(descriptor, address, &length)
      }
      return unsafe UInt16(bigEndian: pointer.pointee.sin_port)
    }
    listen(descriptor, 64)
    url = "ws://127.0.0.1:\(port)/"
    Thread.detachNewThread { [self] in serve() }
  }

  /// Takes no more connections.
  func stop() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  private func serve() {
    while true {
      let connection = accept(descriptor, nil, nil)
      guard connection >= 0 else { return }
      Thread.detachNewThread { [self] in
        handle(connection)
        close(connection)
      }
    }
  }

  private func handle(_ connection: Int32) {
    switch badness {
    case .closesAtOnce: break
    case .neverAnswers: while read(connection) {}
    case .answersGarbage:
      _ = read(connection)
      send(connection, "\u{0}]]>\r\n::error::x\u{1B}[2J" + String(repeating: "z", count: 9000))
    case .refusesInColor:
      _ = read(connection)
      send(connection, "HTTP/1.1 403 \u{9B}31mEVIL\r\nContent-Length: 0\r\n\r\n")
    case .floods:
      _ = read(connection)
      let head = "HTTP/1.1 200 OK\r\nX: "
      guard send(connection, head) else { return }
      while send(connection, String(repeating: "y", count: 65_536)) {}
    }
  }

  private func read(_ connection: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    return unsafe recv(connection, &buffer, buffer.count, 0) > 0
  }

  @discardableResult
  private func send(_ connection: Int32, _ text: String) -> Bool {
    let octets = Array(text.utf8)
    return unsafe Glibc.send(connection, octets, octets.count, Int32(MSG_NOSIGNAL)) > 0
  }

  /// A server that echoes, and whose process ends when it gets a Ping of more than 125 octets.
  static let mortal = #"""
    import base64, hashlib, os, socket, struct, sys, threading

    def take(connection, count):
        octets = b""
        while len(octets) < count:
            more = connection.recv(count - len(octets))
            if not more:
                raise EOFError
            octets += more
        return octets

    def serve(connection):
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                head += take(connection, 1)
            key = [l.split(b":", 1)[1].strip() for l in head.split(b"\r\n")
                   if l.lower().startswith(b"sec-websocket-key:")][0]
            digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
            connection.sendall(b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n")
            while True:
                first, second = take(connection, 2)
                length = second & 127
                if length == 126:
                    length = struct.unpack(">H", take(connection, 2))[0]
                elif length == 127:
                    length = struct.unpack(">Q", take(connection, 8))[0]
                mask = take(connection, 4)
                payload = bytes(o ^ mask[i % 4] for i, o in enumerate(take(connection, length)))
                opcode = first & 15
                if opcode == 9 and length > 125:
                    print("a ping of", length, "octets is too much", flush=True)
                    os._exit(7)
                size = bytes([len(payload)]) if length < 126 else (
                    b"\x7e" + struct.pack(">H", length) if length < 65536
                    else b"\x7f" + struct.pack(">Q", length))
                connection.sendall(bytes([first if opcode != 9 else 0x8a]) + size + payload)
                if opcode == 8:
                    return
        except (EOFError, OSError):
            pass
        finally:
            connection.close()

    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
    """#
}
