#!/usr/bin/env python3
"""Measures the reference server and the load generator against peers, interleaved in one run.

What is compared is CPU time per message (user and system, from the kernel's accounting), because it is
steadier than throughput on a shared machine; messages per second stand beside it. Each round plays every
contestant once, in a rotating order; a table shows the median over the rounds and, against ours, the
median of the ratios within a round.

  make bench
  make bench BENCHFLAGS="--only server --rounds 7 --sizes 20,1024 --connections 200"

Other peers can be added on the command line; {port}, {connections} and {size} are filled in:

  --server 'NAME=COMMAND'      an echo server that listens on {port}
  --generator 'NAME=COMMAND'   a load generator, one message in flight, that prints "Msg/sec: N" each second
"""

import argparse
import base64
import json
import os
import re
import shlex
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / ".build" / "bench"


# The system

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """User and system time of all threads, to the nanosecond."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except FileNotFoundError:
            pass
    return total / 1e9


def resident_bytes(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


class Process:
    """A command pinned to one processor; ended when the block is."""

    def __init__(self, command, cpu, stdout=subprocess.DEVNULL):
        cpus = sorted(os.sched_getaffinity(0))
        chosen = {cpus[cpu % len(cpus)]}
        self.popen = subprocess.Popen(
            shlex.split(command), stdout=stdout, stderr=subprocess.STDOUT, text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, chosen))
        self.pid = self.popen.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.popen.terminate()
        try:
            self.popen.wait(5)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def wait_for(self, port):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.popen.poll() is not None:
                sys.exit(f"bench: `{' '.join(self.popen.args)}` ended with {self.popen.returncode}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        sys.exit(f"bench: nothing listens on port {port} after 10 s")


# Peers

def build_peers():
    """Compiles the peers; a peer that cannot be built is left out, and that is said."""
    BUILD.mkdir(parents=True, exist_ok=True)
    servers, generators = {}, {}

    def compile_peer(name, *command):
        target = BUILD / name
        source = next((HERE / "peers").glob(f"{name}.c*"))
        if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
            return target
        print(f"building {name}", flush=True)
        result = subprocess.run(
            [*map(str, command), str(source), "-o", str(target)], capture_output=True, text=True)
        if result.returncode == 0:
            return target
        print(f"left out: {name} does not build: {result.stderr.strip().splitlines()[-1:]}")
        return None

    if beast := compile_peer("beast", "g++", "-std=c++17", "-O2", "-pthread"):
        servers["Boost.Beast"] = f"{beast} server {{port}}"
        generators["Boost.Beast"] = f"{beast} client {{port}} {{connections}} {{size}}"
    lws = BUILD / "lws_echo"
    if subprocess.run(
            ["gcc", "-O2", str(HERE / "peers/lws_echo.c"), "-lwebsockets", "-o", str(lws)],
            capture_output=True).returncode == 0:
        servers["libwebsockets"] = f"{lws} {{port}}"
    else:
        print("left out: lws_echo does not build")
    if library := socketify_library():
        uws = BUILD / "uws_echo"
        if subprocess.run(
                ["gcc", "-O2", str(HERE / "peers/uws_echo.c"), str(library),
                 f"-Wl,-rpath,{library.parent}", "-o", str(uws)],
                capture_output=True).returncode == 0:
            servers["uWebSockets (socketify)"] = f"{uws} {{port}}"
        else:
            print("left out: uws_echo does not link (is libuv1 installed?)")
    return servers, generators


def socketify_library():
    """uWebSockets as the shared library that the PyPI package socketify carries."""
    found = list(BUILD.glob("socketify*/**/libsocketify_linux_amd64.so"))
    if not found:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(BUILD),
             "socketify==0.0.31"], capture_output=True)
        for archive in BUILD.glob("socketify*.tar.gz"):
            subprocess.run(["tar", "xzf", str(archive), "-C", str(BUILD)])
        found = list(BUILD.glob("socketify*/**/libsocketify_linux_amd64.so"))
    if not found:
        print("left out: uWebSockets (the PyPI package socketify could not be had)")
    return found[0] if found else None


# One measurement

class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.gauntlet = arguments.gauntlet
        self.folder = tempfile.TemporaryDirectory()

    def serve_command(self, *flags):
        return " ".join(
            [self.gauntlet, "serve", "--listen", "ws://127.0.0.1:{port}", "--loops", "1", *flags])

    def load(self, port, connections, size, depth, pid=None, cpu=1, flags=(), duration=None):
        """Plays one load run, with a depth as a closed loop; gives its part of run.json."""
        out = Path(self.folder.name) / "load"
        command = [
            self.gauntlet, "load", f"ws://127.0.0.1:{port}/", "--connections", str(connections),
            *(["--size", str(size)] if size else []), *(["--depth", str(depth)] if depth else []),
            "--loops", "1", "--kind", "binary",
            "--warmup", "300ms", "--duration", duration or self.arguments.window,
            "--out", str(out), *flags]
        if pid:
            command += ["--pid", str(pid)]
        with Process(shlex.join(command), cpu, subprocess.PIPE) as process:
            output, _ = process.popen.communicate(timeout=120)
        # An open loop that could not send all that was due ends with 1; what it did is measured all the same.
        if process.popen.returncode not in ((0, 1) if "--rate" in flags else (0,)):
            sys.exit(f"bench: load failed:\n{output}")
        result = json.loads((out / "run.json").read_text())["load"][0]
        if result["totals"]["messagesReceived"] == 0:
            sys.exit("bench: no message came back in a whole window; the machine is too busy to measure")
        return result

    def measure_server(self, command, connections, size, depth):
        port = free_port()
        with Process(command.format(port=port), 0) as server:
            server.wait_for(port)
            result = self.load(port, connections, size, depth, pid=server.pid)
        messages = result["totals"]["messagesReceived"]
        seconds = measured_seconds(result)
        return result["serverProcess"]["cpuNanoseconds"] / messages, messages / seconds

    def measure_gauntlet_generator(self, port, connections, size, depth, flags=()):
        result = self.load(port, connections, size, depth, flags=(*flags, "--trust", "any"))
        messages = result["totals"]["messagesReceived"]
        generator = result["generator"]
        cpu = generator["userNanoseconds"] + generator["systemNanoseconds"]
        return cpu / messages, messages / measured_seconds(result)

    def measure_other_generator(self, command, port, connections, size):
        """CPU between two of the lines in which it tells its rate now and then, by the messages of that time."""
        command = "stdbuf -oL " + command.format(port=port, connections=connections, size=size)
        with Process(command, 1, subprocess.PIPE) as generator:
            lines = []
            for line in generator.popen.stdout:
                if match := re.search(r"Msg/sec: ([0-9.]+)", line):
                    lines.append((time.monotonic(), cpu_seconds(generator.pid), float(match[1])))
                    if len(lines) == 2:
                        break
            if len(lines) < 2 or not lines[1][2]:
                sys.exit(f"bench: `{command}` printed no rate")
            (begin, before, _), (end, after, rate) = lines
            return (after - before) / ((end - begin) * rate) * 1e9, rate


def measured_seconds(result):
    return sum(p["durationNanoseconds"] for p in result["phases"] if p["isMeasured"]) / 1e9


def interleave(rounds, contestants):
    """Plays each contestant once a round, the order turning; gives the figures of each."""
    figures = {name: [] for name in contestants}
    names = list(contestants)
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            figures[name].append(contestants[name]())
    return figures


def print_rows(title, ours, rows):
    """rows: label → contestant → [(ns per message, messages per second)]"""
    print(f"\n## {title}\n")
    names = list(next(iter(rows.values())))
    print("| row | " + " | ".join(
        name if name == ours else f"{name} | ours ÷ it" for name in names) + " |")
    print("|---|" + "---|" * (2 * len(names) - 1))
    for label, figures in rows.items():
        cells = [label]
        for name in names:
            cpu = statistics.median(f[0] for f in figures[name])
            rate = statistics.median(f[1] for f in figures[name])
            cells.append(f"{cpu:,.0f} ns, {rate:,.0f}/s")
            if name != ours:
                ratio = statistics.median(
                    a[0] / b[0] for a, b in zip(figures[ours], figures[name]))
                cells.append(f"{ratio:.2f}")
        print("| " + " | ".join(cells) + " |", flush=True)


# The sections

def rows_of(arguments):
    sizes = [int(s) for s in arguments.sizes.split(",")]
    connections = [int(c) for c in arguments.connections.split(",")]
    rows = [(size, count, 1) for size in sizes for count in connections]
    return rows + ([(20, 20, 16)] if not arguments.no_pipelined else [])


def label_of(size, connections, depth):
    text = f"{size:,} B × {connections}"
    return text if depth == 1 else f"{text}, {depth} in flight"


def bench_servers(bench, servers):
    rows = {}
    for size, connections, depth in rows_of(bench.arguments):
        contestants = {
            name: lambda command=command: bench.measure_server(command, connections, size, depth)
            for name, command in servers.items()}
        rows[label_of(size, connections, depth)] = interleave(bench.arguments.rounds, contestants)
    print_rows("Server: CPU time per echoed message, messages per second", "Gauntlet", rows)


def bench_generators(bench, servers, generators):
    """The open loop offers as many messages as the first peer has just played; without peers, as the closed loop."""
    target = next(name for name in reversed(servers))
    leader = next(iter(generators), "Gauntlet")
    open_loop = f"Gauntlet, open loop at {leader}'s rate"
    rows, open_rows = {}, {}
    for size, connections, _ in [row for row in rows_of(bench.arguments) if row[2] == 1]:
        port = free_port()
        with Process(servers[target].format(port=port), 0) as server:
            server.wait_for(port)
            rates = {}

            def closed(name):
                figures = (
                    bench.measure_gauntlet_generator(port, connections, size, 1) if name == "Gauntlet"
                    else bench.measure_other_generator(generators[name], port, connections, size))
                rates[name] = figures[1]
                return figures

            closed(leader)
            contestants = {name: lambda name=name: closed(name) for name in ["Gauntlet", *generators]}
            contestants[open_loop] = lambda: bench.measure_gauntlet_generator(
                port, connections, size, None, ("--rate", f"{rates[leader]:.0f}"))
            label, figures = label_of(size, connections, 1), interleave(bench.arguments.rounds, contestants)
            open_rows[label] = {open_loop: figures.pop(open_loop), leader: figures[leader]}
            rows[label] = figures
    title = f"Load generator against {target}: CPU time per message, messages per second"
    print_rows(title, "Gauntlet", rows)
    print_rows(title, open_loop, open_rows)


def open_idle(port, count, context=None, extensions=""):
    """Opens and keeps `count` WebSocket connections; gives them."""
    sockets = []
    lock = threading.Lock()

    def open_some(number):
        for _ in range(number):
            connection = socket.create_connection(("127.0.0.1", port), 30)
            if context:
                connection = context.wrap_socket(connection, server_hostname="localhost")
            key = base64.b64encode(os.urandom(16)).decode()
            connection.sendall(
                (f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
                 f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n{extensions}"
                 "Sec-WebSocket-Version: 13\r\n\r\n").encode())
            head = b""
            while b"\r\n\r\n" not in head:
                part = connection.recv(4096)
                if not part:
                    raise ConnectionError("the server closed during the handshake")
                head += part
            if b" 101 " not in head.split(b"\r\n")[0]:
                raise ConnectionError(f"no 101: {head!r}")
            with lock:
                sockets.append(connection)

    threads = [
        threading.Thread(target=open_some, args=(count // 8 + (i < count % 8),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(sockets) != count:
        sys.exit(f"bench: only {len(sockets)} of {count} idle connections")
    return sockets


def bench_deflate(bench):
    """An echo under permessage-deflate against what zlib alone costs on the same processor."""
    loop = BUILD / "zlib_loop"
    BUILD.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["gcc", "-O2", str(HERE / "peers/zlib_loop.c"), "-lz", "-o", str(loop)], check=True)
    payload = Path(bench.folder.name) / "message.json"
    random = Random(7)
    records = [
        {"id": number, "name": "".join(random.choices("abcdefghij", k=8)),
         "balance": random.randrange(10**6) / 100, "active": random.random() < 0.5,
         "tags": random.choices(["red", "green", "blue", "amber"], k=random.randrange(4)),
         "note": " ".join(random.choices("lorem ipsum dolor sit amet consectetur".split(), k=8))}
        for number in range(600)]
    payload.write_text(json.dumps(records)[:64 << 10])

    def measure_loop():
        with Process(f"{loop} {payload} 1 1.5", 0, subprocess.PIPE) as process:
            cpu, rate = re.match(r"(\d+) ns, (\d+)/s", process.popen.stdout.read()).groups()
        return int(cpu), int(rate)

    def measure_server(connections, depth):
        port = free_port()
        with Process(bench.serve_command("--deflate-level", "1").format(port=port), 0) as server:
            server.wait_for(port)
            # The generator packs and unpacks as well: with several under way the server never waits for it.
            result = bench.load(
                port, connections, None, depth, pid=server.pid, duration="1500ms",
                flags=["--deflate", "--payload-file", str(payload)])
        messages = result["totals"]["messagesReceived"]
        cpu = result["serverProcess"]["cpuNanoseconds"] / messages
        return cpu, messages / measured_seconds(result)

    rows = {}
    for connections, depth in [(1, 4), (4, 1)]:
        rows[f"64 KiB of JSON × {connections}, {depth} in flight, level 1"] = interleave(
            bench.arguments.rounds,
            {"Gauntlet": lambda: measure_server(connections, depth), "zlib alone": measure_loop})
    print_rows(
        "permessage-deflate: CPU time of the server per echoed message against zlib's own",
        "Gauntlet", rows)


def bench_memory(bench, servers):
    count = bench.arguments.idle
    key, certificate = Path(bench.folder.name) / "key.pem", Path(bench.folder.name) / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    deflate = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    secure = bench.serve_command(
        "--tls-certificate", str(certificate), "--tls-key", str(key)).replace("ws:", "wss:")
    contestants = [
        ("Gauntlet, plain", bench.serve_command(), None, ""),
        ("Gauntlet, permessage-deflate agreed", bench.serve_command("--deflate"), None, deflate),
        ("Gauntlet, TLS", secure, context, "")]
    contestants += [
        (name, command, None, "") for name, command in servers.items() if name != "Gauntlet"]
    print(f"\n## Resident memory per idle connection, {count:,} connections\n")
    print("| server | bytes per connection |\n|---|---|")
    for name, command, tls, extensions in contestants:
        port = free_port()
        with Process(command.format(port=port), 0) as server:
            server.wait_for(port)
            for warm in open_idle(port, 50, tls, extensions):
                warm.close()
            time.sleep(0.3)
            before = resident_bytes(server.pid)
            sockets = open_idle(port, count, tls, extensions)
            time.sleep(0.5)
            per_connection = (resident_bytes(server.pid) - before) / count
            for connection in sockets:
                connection.close()
        print(f"| {name} | {per_connection:,.0f} |", flush=True)


def bench_connects(bench, servers):
    count = min(bench.arguments.idle, 5000)

    def measure(command):
        port = free_port()
        with Process(command.format(port=port), 0) as server:
            server.wait_for(port)
            result = bench.load(port, count, 20, 1, pid=server.pid, flags=["--idle"],
                                duration="100ms")
        phase = next(p for p in result["phases"] if p["name"] == "connect")
        rate = count / (phase["durationNanoseconds"] / 1e9)
        return result["serverProcess"]["connectCPUNanoseconds"] / count, rate

    contestants = {
        name: lambda command=command: measure(command) for name, command in servers.items()}
    print_rows(
        "Connections: CPU time of the server per connection, connections per second", "Gauntlet",
        {f"{count:,} connections": interleave(bench.arguments.rounds, contestants)})


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=".build/release/gauntlet", help="the program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--window", default="700ms", help="measuring phase of one run")
    parser.add_argument("--sizes", default="20,1024,16384", help="octets of payload")
    parser.add_argument("--connections", default="10,200,5000")
    parser.add_argument("--no-pipelined", action="store_true", help="skip the rows with 16 in flight")
    parser.add_argument("--idle", type=int, default=10_000, help="idle connections for memory")
    parser.add_argument(
        "--only", default="server,generator,deflate,memory,connects", help="sections, by comma")
    parser.add_argument("--no-peers", action="store_true", help="build no peers")
    parser.add_argument("--server", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--generator", action="append", default=[], metavar="NAME=COMMAND")
    arguments = parser.parse_args()

    bench = Bench(arguments)
    built_servers, built_generators = ({}, {}) if arguments.no_peers else build_peers()
    servers = {"Gauntlet": bench.serve_command("--no-deflate")} | built_servers
    servers |= dict(peer.split("=", 1) for peer in arguments.server)
    generators = built_generators | dict(peer.split("=", 1) for peer in arguments.generator)

    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    print(f"{processor[1] if processor else 'unknown processor'}, {os.cpu_count()} cores, "
          f"Linux {os.uname().release}, load {os.getloadavg()[0]:.1f}, {arguments.rounds} rounds")
    sections = arguments.only.split(",")
    if "server" in sections:
        bench_servers(bench, servers)
    if "generator" in sections:
        bench_generators(bench, servers, generators)
    if "deflate" in sections:
        bench_deflate(bench)
    if "memory" in sections:
        bench_memory(bench, servers)
    if "connects" in sections:
        bench_connects(bench, servers)


if __name__ == "__main__":
    main()
