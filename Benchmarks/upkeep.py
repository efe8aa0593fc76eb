"""What an operator does to a server while clients are at it: new certificates, restarts."""

import hashlib
import http.client
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

from bench import Process, free_port
from crowd import client_frame, open_one, read_frame


def fetch(port, path, context=None):
    """The body of a GET."""
    if context:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def make_certificate(folder, name="localhost"):
    """A certificate and its key at their places, the pair in one step each; gives its fingerprint."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "90", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", f"{folder}/new.key", "-out", f"{folder}/new.pem"],
        check=True, capture_output=True)
    os.rename(f"{folder}/new.key", f"{folder}/server.key")
    os.rename(f"{folder}/new.pem", f"{folder}/server.pem")
    return hashlib.sha256(
        ssl.PEM_cert_to_DER_cert(Path(f"{folder}/server.pem").read_text())).hexdigest()


def shown_certificate(port):
    """The fingerprint of the certificate that a new connection is shown."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        with context.wrap_socket(plain) as connection:
            return hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()


def reload(arguments, folder, judge):
    """New certificates and SIGHUP, again and again, under a load of verified echoes."""
    reloads, seconds = 6, 10
    print(f"\n## {reloads} new certificates under load\n")
    port, shown = free_port(), 0
    make_certificate(folder)
    command = (f"{arguments.gauntlet} serve --listen wss://127.0.0.1:{port} --loops 1 "
               f"--tls-certificate {folder}/server.pem --tls-key {folder}/server.key")
    load = (f"{arguments.gauntlet} load wss://127.0.0.1:{port}/ --connections 200 --insecure "
            f"--warmup 500ms --duration {seconds}s --quiet --json {folder}/load.json")
    with Process(command, 0) as server:
        server.wait_for(port)
        with Process(load, 1, subprocess.PIPE) as generator:
            time.sleep(2)
            for number in range(reloads):
                fingerprint = make_certificate(folder, f"generation-{number}")
                os.kill(server.pid, signal.SIGHUP)
                deadline = time.monotonic() + 5
                while (is_new := shown_certificate(port) != fingerprint) and time.monotonic() < deadline:
                    time.sleep(0.02)
                shown += not is_new
                time.sleep(0.5)
            output, _ = generator.popen.communicate(timeout=120)
        code = generator.popen.returncode
    judge(f"200 connections under load: exit code {code} of the load {output.strip()}"
          "(0: every echo came back, no connection was lost)",
          code == 0)
    judge(f"{shown} of {reloads} new certificates were shown to new connections", shown == reloads)


class Returning(threading.Thread):
    """A client that echoes, and connects again whenever its connection ends."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.echoes, self.connects, self.broken = port, 0, 0, 0
        self.is_over = False

    def run(self):
        while not self.is_over:
            try:
                connection = open_one(self.port, timeout=5)
            except OSError:
                time.sleep(0.02)
                continue
            self.connects += 1
            try:
                with connection:
                    while not self.is_over:
                        connection.sendall(client_frame(1, b"still there?"))
                        frame = read_frame(connection)
                        if not frame or frame[0] == 8:
                            break
                        self.echoes += frame == (1, b"still there?")
                        time.sleep(0.01)
            except OSError:
                self.broken += 1


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def restarts(arguments, judge):
    """Restarts within the process, under clients that come back at once."""
    count, clients = 10, 50
    print(f"\n## {count} restarts under {clients} clients that come back\n")
    ports = [free_port(), free_port()]
    command = " ".join(
        [arguments.gauntlet, "serve", "--listen", f"ws://127.0.0.1:{ports[0]}",
         "--listen", f"wss://127.0.0.1:{ports[1]}", "--tls-self-signed", "--shutdown-deadline", "2s"])
    with Process(command, 0, subprocess.PIPE) as server:
        for port in ports:
            server.wait_for(port)
        open_one(ports[0]).close()
        shown_certificate(ports[1])
        time.sleep(1)
        before = descriptors(server.pid)
        crowd = [Returning(ports[0]) for _ in range(clients)]
        for client in crowd:
            client.start()
        seen = 0
        for _ in range(count):
            time.sleep(0.5)
            connects = [client.connects for client in crowd]
            os.kill(server.pid, signal.SIGUSR2)
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline and server.popen.poll() is None:
                if all(now.connects > then for now, then in zip(crowd, connects)):
                    seen += 1
                    break
                time.sleep(0.02)
        for client in crowd:
            client.is_over = True
        for client in crowd:
            client.join(10)
        is_alive = server.popen.poll() is None
        listening = sum(is_open(port) for port in ports) if is_alive else 0
        after, deadline = 0, time.monotonic() + 10
        while is_alive and time.monotonic() < deadline and (after := descriptors(server.pid)) > before:
            time.sleep(0.1)
    judge(f"{seen} of {count} restarts saw all {clients} clients come back; "
          f"{sum(c.echoes for c in crowd):,} echoes, {sum(c.broken for c in crowd)} broken off",
          seen == count)
    judge("the server has not crashed", is_alive)
    judge(f"{after} descriptors, {before} before", 0 < after <= before)
    judge(f"{listening} of {len(ports)} listeners are open", listening == len(ports))


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
        return True
    except OSError:
        return False
