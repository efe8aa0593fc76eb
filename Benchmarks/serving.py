#!/usr/bin/env python3
"""Measures what the reference server promises, each section bounded in time, with its goal beside the figure.

  make serving
  make serving SERVINGFLAGS="--only broadcast,slow --rounds 5"

Sections: cases (the suite against every kind of listener and both styles of handler), styles (CPU time of
the two), broadcast (against uWebSockets' publish), heartbeat (10,000 connections, the dead among them), slow
(a slow consumer with each policy), reload (certificates under load), restarts (under clients that come back).
CPU time is the kernel's accounting of the server's process; contestants play in turn, and ratios are medians
of the ratios within a round. The exit code is 1 if a goal was missed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench
import slow
import upkeep
from bench import HERE, BUILD, Process, cpu_seconds, free_port, interleave, socketify_library
from crowd import Crowd, client_frame

GOALS_MISSED = []


def judge(text, is_met):
    """Prints a figure with its goal."""
    print(f"{'met   ' if is_met else 'MISSED'}  {text}", flush=True)
    if not is_met:
        GOALS_MISSED.append(text)


# The suite on every kind of listener

def play_cases(arguments, folder):
    """The established cases on IPv4, IPv6 and Unix, plain and TLS, with handlers of both styles."""
    print("\n## 517 cases on every listener, with both styles of handler\n")
    flags = ["--cases", "autobahn:*"]
    for exclude in arguments.exclude:
        flags += ["--exclude", exclude]
    for style in ["", "--async"]:
        sockets = [f"{folder}/{kind}{style}.socket" for kind in ("plain", "tls")]
        ready = Path(folder) / f"ready{style}"
        command = [
            arguments.gauntlet, "serve", "--listen", "ws://127.0.0.1:0", "--listen", "ws://[::1]:0",
            "--listen", "wss://127.0.0.1:0", "--listen", "wss://[::1]:0", "--tls-self-signed",
            "--listen", f"unix:{sockets[1]}", "--loops", "1", "--ready-file", str(ready)]
        plain = [
            arguments.gauntlet, "serve", "--listen", f"unix:{sockets[0]}", "--loops", "1",
            "--ready-file", f"{ready}-plain"]
        if style:
            command.append(style)
            plain.append(style)
        with Process(" ".join(command), 0), Process(" ".join(plain), 0):
            urls = wait_for_lines(ready, 5) + wait_for_lines(Path(f"{ready}-plain"), 1)
            for url in urls:
                begin = time.monotonic()
                try:
                    result = subprocess.run(
                        [arguments.gauntlet, "conform", "server", url, "--insecure", *flags],
                        capture_output=True, text=True, timeout=arguments.timeout)
                except subprocess.TimeoutExpired:
                    judge(f"{url}: not done after {arguments.timeout:g} s", False)
                    continue
                line = next((l.strip() for l in result.stdout.splitlines() if " cases: " in l), "")
                kind = url.split("/127.")[0].split("/[")[0].rstrip("/").split(":/")[0]
                where = "Unix" if "unix" in url else "IPv6" if "[" in url else "IPv4"
                judge(
                    f"{'async' if style else 'sync '} {kind.split('+')[0].rstrip(':'):3} {where}: "
                    f"{line or result.stdout[-200:] + result.stderr[-200:]}"
                    f" ({time.monotonic() - begin:.0f} s)", result.returncode == 0)


def wait_for_lines(path, count):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if path.exists() and len(lines := path.read_text().split()) == count:
            return lines
        time.sleep(0.02)
    sys.exit(f"serving: {path} has not {count} lines after 10 s")


# Synchronous and asynchronous handlers

def compare_styles(arguments, _):
    measure = bench.Bench(arguments)
    servers = {
        "asynchronous": measure.serve_command("--no-deflate", "--async"),
        "synchronous": measure.serve_command("--no-deflate")}
    rows = {}
    for size, connections, depth in bench.rows_of(arguments):
        contestants = {
            name: lambda command=command: measure.measure_server(command, connections, size, depth)
            for name, command in servers.items()}
        rows[bench.label_of(size, connections, depth)] = interleave(arguments.rounds, contestants)
    bench.print_rows(
        "CPU time per echoed message, by the style of the handler", "asynchronous", rows)
    print()
    for label, figures in rows.items():
        ratio = statistics.median(
            a[0] / b[0] for a, b in zip(figures["asynchronous"], figures["synchronous"]))
        judge(f"{label}: the asynchronous handler costs {ratio:.2f} of the synchronous (1.50)",
              ratio <= 1.5)


# Broadcast

def broadcast_cost(command, count, size, messages):
    """CPU nanoseconds for each delivered message, and deliveries per second."""
    port = free_port()
    frame = client_frame(2, os.urandom(size))
    expected = count * (size + (4 if size >= 126 else 2))
    with Process(command.format(port=port), 0) as server:
        server.wait_for(port)
        with Crowd(port, count) as crowd:
            def deliver(number):
                for _ in range(number):
                    crowd.sockets[0].send(frame)
                    left = expected
                    deadline = time.monotonic() + 60
                    while left > 0 and time.monotonic() < deadline:
                        left -= sum(len(part) for _, part in crowd.octets(1))
                    if left != 0:
                        sys.exit(f"serving: {left} octets of a broadcast are missing")
            deliver(3)
            before, begin = cpu_seconds(server.pid), time.monotonic()
            deliver(messages)
            cpu, elapsed = cpu_seconds(server.pid) - before, time.monotonic() - begin
    return cpu / (messages * count) * 1e9, messages * count / elapsed


def compare_broadcasts(arguments, _):
    count = arguments.subscribers
    contestants = {"Gauntlet": f"{arguments.gauntlet} serve --listen ws://127.0.0.1:{{port}} --loops 1 "
                               "--no-deflate --broadcast"}
    if library := socketify_library():
        peer = BUILD / "uws_publish"
        built = subprocess.run(
            ["gcc", "-O2", str(HERE / "peers/uws_publish.c"), str(library),
             f"-Wl,-rpath,{library.parent}", "-o", str(peer)], capture_output=True)
        if built.returncode == 0:
            contestants["uWebSockets (socketify)"] = f"{peer} {{port}}"
        else:
            print("left out: uws_publish does not link (is libuv1 installed?)")
    contestants |= dict(peer.split("=", 1) for peer in arguments.publisher)
    figures = interleave(arguments.rounds, {
        name: lambda command=command: broadcast_cost(command, count, 1024, arguments.messages)
        for name, command in contestants.items()})
    bench.print_rows(
        "Broadcast: CPU time per delivered message, deliveries per second", "Gauntlet",
        {f"1 KiB to {count:,}": figures})
    print()
    for name in list(contestants)[1:]:
        ratio = statistics.median(a[0] / b[0] for a, b in zip(figures["Gauntlet"], figures[name]))
        judge(f"1 KiB to {count:,}: {ratio:.2f} of {name} (1.10)", ratio <= 1.1)
    count_compressions(arguments)


def count_compressions(arguments):
    """How often a broadcast is compressed for three sets of parameters and clients without."""
    port, messages = free_port(), 20
    offers = ["", "permessage-deflate", "permessage-deflate; server_max_window_bits=10",
              "permessage-deflate; server_no_context_takeover"]
    command = (f"{arguments.gauntlet} serve --listen ws://127.0.0.1:{port} --loops 1 --broadcast "
               "--metrics /metrics")
    with Process(command, 0) as server:
        server.wait_for(port)
        crowds = [Crowd(port, 100, extensions=offer and f"Sec-WebSocket-Extensions: {offer}\r\n")
                  for offer in offers]
        got = 0
        for _ in range(messages):
            crowds[0].sockets[0].send(client_frame(1, b"the same news for everybody " * 30))
        deadline = time.monotonic() + 30
        while got < messages * 400 and time.monotonic() < deadline:
            for crowd in crowds:
                got += sum(opcode == 1 for _, opcode, _ in crowd.frames(0.01))
        page = upkeep.fetch(port, "/metrics")
        for crowd in crowds:
            crowd.__exit__()
    figures = dict(line.split() for line in page.splitlines() if line and line[0] != "#")
    compressed = int(figures["gauntlet_broadcasts_compressed_total"])
    delivered = int(figures["gauntlet_broadcasts_total"])
    judge(f"{messages} messages to 400 clients, 300 with compression by 3 sets of parameters: "
          f"{delivered} deliveries, {got} received, {compressed} compressions (at most {messages * 3})",
          got == delivered == messages * 400 and 0 < compressed <= messages * 3)


# The heartbeat

def beat(arguments, _):
    count, dead = arguments.idle, 100
    interval, timeout = arguments.interval, 10
    print(f"\n## Heartbeat: {count:,} connections, every {interval} s\n")
    port = free_port()
    command = (f"{arguments.gauntlet} serve --listen ws://127.0.0.1:{port} --loops 1 "
               f"--heartbeat {interval}s --heartbeat-timeout {timeout}s")
    with Process(command, 0) as server:
        server.wait_for(port)
        with Crowd(port, count) as crowd:
            silent = set(crowd.sockets[::count // dead][:dead])
            begin = time.monotonic()
            ended, pings, alive_ended = {}, 0, 0
            before, at = cpu_seconds(server.pid), begin
            while (now := time.monotonic()) < begin + 3 * interval:
                for connection, opcode, payload in crowd.frames(0.5):
                    if opcode is None:
                        alive_ended += connection not in silent
                        ended.setdefault(connection, time.monotonic() - begin)
                    elif opcode == 8 and connection in silent:
                        ended.setdefault(connection, time.monotonic() - begin)
                    elif opcode == 9 and connection not in silent:
                        pings += 1
                        connection.send(client_frame(10, payload))
            cpu = (cpu_seconds(server.pid) - before) / (time.monotonic() - at) * 100
    gone = [ended[connection] for connection in silent if connection in ended]
    judge(f"{cpu:.2f} % of a core, {pings:,} pings answered (3 %)", cpu < 3 and pings >= 2 * (count - dead))
    latest = max(gone, default=float("inf"))
    judge(f"{len(gone)} of {dead} dead peers ended, after {min(gone, default=0):.1f} to {latest:.1f} s "
          f"({interval + timeout} s, and 1 s for the clock)",
          len(gone) == dead and latest <= interval + timeout + 1)
    judge(f"{alive_ended} of {count - dead:,} living peers ended (0)", alive_ended == 0)


SECTIONS = {
    "cases": play_cases, "styles": compare_styles, "broadcast": compare_broadcasts,
    "heartbeat": beat, "slow": lambda a, f: slow.measure(a, judge),
    "reload": lambda a, f: upkeep.reload(a, f, judge), "restarts": lambda a, f: upkeep.restarts(a, judge)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=".build/release/gauntlet", help="the program")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, by comma")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--exclude", action="append", default=[], help="cases to leave out")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for a run of the suite")
    parser.add_argument("--window", default="700ms", help="styles: measuring phase of one run")
    parser.add_argument("--sizes", default="20,1024,16384", help="styles: octets of payload")
    parser.add_argument("--connections", default="10,200", help="styles: numbers of connections")
    parser.add_argument("--no-pipelined", action="store_true", help="styles: no row with 16 in flight")
    parser.add_argument("--subscribers", type=int, default=5000, help="broadcast: receivers")
    parser.add_argument("--messages", type=int, default=30, help="broadcast: messages a round")
    parser.add_argument(
        "--publisher", action="append", default=[], metavar="NAME=COMMAND",
        help="broadcast: another server that listens on {port} and sends every message to all")
    parser.add_argument("--idle", type=int, default=10_000, help="heartbeat: connections")
    parser.add_argument("--interval", type=int, default=30, help="heartbeat: seconds")
    arguments = parser.parse_args()
    unknown = set(sections := arguments.only.split(",")) - set(SECTIONS)
    if unknown:
        parser.error(f"--only: no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    print(f"{os.cpu_count()} cores, Linux {os.uname().release}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for name in sections:
            SECTIONS[name](arguments, folder)
    sys.exit(1 if GOALS_MISSED else 0)


if __name__ == "__main__":
    main()
