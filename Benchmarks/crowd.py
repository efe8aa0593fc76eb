"""Many WebSocket clients in one process, on non-blocking sockets: what the measurements of the server need."""

import base64
import os
import select
import socket
import struct
import time

from bench import open_idle


def client_frame(opcode, payload=b""):
    """A masked frame; the mask is zero, which is a legal one."""
    if len(payload) < 126:
        length = bytes([0x80 | len(payload)])
    elif len(payload) < 1 << 16:
        length = b"\xfe" + struct.pack(">H", len(payload))
    else:
        length = b"\xff" + struct.pack(">Q", len(payload))
    return bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload


def take_frame(buffer):
    """The first frame of a server's octets as (opcode, payload, octets used), or None."""
    if len(buffer) < 2:
        return None
    length, start = buffer[1], 2
    if length == 126:
        if len(buffer) < 4:
            return None
        length, start = struct.unpack_from(">H", buffer, 2)[0], 4
    elif length == 127:
        if len(buffer) < 10:
            return None
        length, start = struct.unpack_from(">Q", buffer, 2)[0], 10
    if len(buffer) < start + length:
        return None
    return buffer[0] & 15, bytes(buffer[start:start + length]), start + length


class Crowd:
    """Clients that are read from whenever something comes."""

    def __init__(self, port, count, context=None, extensions=""):
        self.sockets = open_idle(port, count, context, extensions)
        self.epoll = select.epoll()
        self.by_number = {}
        self.buffers = {}
        for connection in self.sockets:
            connection.setblocking(False)
            number = connection.fileno()
            self.by_number[number] = connection
            self.buffers[number] = bytearray()
            self.epoll.register(number, select.EPOLLIN)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.epoll.close()
        for connection in self.sockets:
            connection.close()

    def ignore(self, connection):
        """Never reads from a client again."""
        self.epoll.unregister(connection.fileno())

    def octets(self, timeout):
        """Reads once from all that have something: (connection, octets), octets empty at the end."""
        for number, _ in self.epoll.poll(timeout):
            connection = self.by_number[number]
            try:
                part = connection.recv(1 << 16)
            except BlockingIOError:
                continue
            except OSError:
                part = b""
            if not part:
                self.epoll.unregister(number)
            yield connection, part

    def frames(self, timeout):
        """Reads once from all: (connection, opcode, payload); at the end opcode is None."""
        for connection, part in self.octets(timeout):
            buffer = self.buffers[connection.fileno()]
            buffer += part
            while found := take_frame(buffer):
                opcode, payload, used = found
                del buffer[:used]
                yield connection, opcode, payload
            if not part:
                yield connection, None, b""


def open_one(port, fields="", receive_buffer=None, context=None, timeout=30):
    """One blocking client whose opening handshake is done."""
    connection = socket.socket()
    connection.settimeout(timeout)
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.connect(("127.0.0.1", port))
    if context:
        connection = context.wrap_socket(connection, server_hostname="localhost")
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        (f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         f"Sec-WebSocket-Key: {key}\r\n{fields}Sec-WebSocket-Version: 13\r\n\r\n").encode())
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(1)
        if not part:
            raise ConnectionError("the server closed during the handshake")
        head += part
    if b" 101 " not in head.split(b"\r\n")[0]:
        raise ConnectionError(f"no 101: {head!r}")
    return connection


def read_frame(connection):
    """The next frame of a blocking client, or None at the end."""
    buffer = bytearray()
    while not (found := take_frame(buffer)):
        missing = 2 - len(buffer)
        if missing <= 0:
            length = buffer[1]
            head = 4 if length == 126 else 10 if length == 127 else 2
            if len(buffer) < head:
                missing = head - len(buffer)
            else:
                length = (struct.unpack_from(">H", buffer, 2)[0] if length == 126 else
                          struct.unpack_from(">Q", buffer, 2)[0] if length == 127 else length)
                missing = head + length - len(buffer)
        part = connection.recv(missing)
        if not part:
            return None
        buffer += part
    return found[:2]


def until(deadline):
    """Seconds left, at least none."""
    return max(0, deadline - time.monotonic())
