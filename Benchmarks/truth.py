#!/usr/bin/env python3
"""Holds what Gauntlet measures against what is known: servers of known behaviour (gauntlet serve --reply-delay and so on).

  latency   percentiles against the law by which the server delays its replies
  counting  messages that were lost, doubled, reordered, corrupted or truncated, against what the server says it did
  capacity  the capacity of a server that is limited to a rate, and of one that is limited to connections
  trust     what a run says of itself when its generator is starved, flooded, and healthy
  idle      100,000 connections at once, in as many processes as their descriptors take, and what each one costs

  make truth
  make truth TRUTHFLAGS="--only latency,trust --runs 3"
  make truth TRUTHFLAGS="--only latency --real-time"     as root: what else runs shapes no latency
"""

import argparse
import contextlib
import json
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import free_port

PERCENTILES = [50, 90, 99, 99.9]


class Server:
    """The reference server, on a free port unless told; what it said when it ended is in `errors`."""

    def __init__(self, arguments, *flags, cpu=None, listening=("--port", "0", "--loops", "1")):
        self.arguments, self.flags, self.cpu, self.errors = arguments, [*listening, *flags], cpu, ""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        ready = Path(self.folder.name) / "ready"
        self.process = subprocess.Popen(
            [*pinned(self.cpu), self.arguments.gauntlet, "serve", "--ready-file", str(ready), *self.flags],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 10
        while not ready.exists() or not ready.read_text().strip():
            if time.monotonic() > end:
                raise SystemExit(f"the server did not start: {' '.join(self.flags)}")
            time.sleep(0.02)
        self.url = ready.read_text().split()[0]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.errors = self.process.communicate()[1]
        self.folder.cleanup()


def pinned(cpu):
    return [] if cpu is None else ["taskset", "-c", str(cpu)]


def load(arguments, url, *flags, cpu=None):
    """One load run; its exit code and its results."""
    done = subprocess.run(
        [*pinned(cpu), arguments.gauntlet, "load", url, "--json", "-", *flags],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        return done.returncode, json.loads(done.stdout)["load"][0]
    except (ValueError, KeyError, IndexError):
        raise SystemExit(f"gauntlet load said:\n{done.stdout}{done.stderr}")


def percentiles(results):
    points = results["latencies"][0]["histogram"]["percentiles"]
    return {point["percentile"]: point["nanoseconds"] / 1e6 for point in points}


def table(title, header, rows):
    print(f"\n{title}\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(str(cell) for cell in row)} |", flush=True)


# Latency

def stall(share):
    """Half a second in ten: one message in twenty waits, evenly up to half a second."""
    return 0 if share <= 0.95 else 500 * (share - 0.95) / 0.05


LAWS = [
    ("constant 5 ms", ["--reply-delay", "5ms"], 50, 20, lambda share: 5),
    ("exponential, mean 5 ms", ["--reply-delay", "exponential:5ms"], 1000, 20,
     lambda share: -5 * math.log(1 - share)),
    ("a stall of 500 ms in each 10 s", ["--stall", "500ms/10s"], 50, 40, stall),
]


def latency(arguments):
    before_others = ["--real-time", "--busy-poll", "300us"] if arguments.real_time else []
    rate = ["--rate", "1000", "--size", "20", "--warmup", "1s", *before_others]
    with Server(arguments, *before_others, cpu=1) as server:
        _, results = load(
            arguments, server.url, "--connections", "50", "--duration", "10s", *rate, cpu=0)
    plain = percentiles(results)
    rows = [["none: the way there and back", *(f"{plain[p]:.3f}" for p in PERCENTILES), results["generator"]["validity"]]]
    for name, flags, connections, seconds, law in LAWS:
        with Server(arguments, *flags, *before_others, cpu=1) as server:
            _, results = load(
                arguments, server.url, "--connections", str(connections), "--duration", f"{seconds}s", *rate,
                cpu=0)
        found = percentiles(results)
        cells = []
        for percentile in PERCENTILES:
            wanted = law(percentile / 100)
            text = f"{found[percentile]:.3f}"
            if wanted:
                off = found[percentile] - wanted
                text += f" ({wanted:.3f}, {off:+.3f}, {off / wanted * 100:+.1f} %)"
            cells.append(text)
        rows.append([name, *cells, results["generator"]["validity"]])
    with Server(arguments, "--stall", "500ms/10s") as server:
        _, results = load(arguments, server.url, "--connections", "50", "--duration", "40s", "--size", "20",
                          "--warmup", "1s")
    found = percentiles(results)
    rows.append(["the same stall, closed loop", *(f"{found[p]:.3f}" for p in PERCENTILES),
                 results["generator"]["validity"]])
    table("Latency in ms at 1,000 messages/s: measured (law, difference)",
          ["law", *(f"p{p}" for p in PERCENTILES), "the run says"], rows)


# Counting

MISHAPS = {"lose": "lost", "double": "duplicated", "reorder": "reordered", "corrupt": "corrupted",
           "truncate": "corrupted"}


def counting(arguments):
    rows = []
    for mishap, kind in MISHAPS.items():
        server = Server(arguments, "--mishap", f"{mishap}/10000")
        with server:
            _, results = load(
                arguments, server.url, "--connections", "20", "--depth", "8", "--warmup", "0s", "--duration", "5s",
                "--size", "100", "--drain", "5s", "--reply-timeout", "60s", "--trust", "any")
        done, messages = (int(number) for number in re.findall(r"\d+", server.errors)[:2])
        counts = {error["kind"]: error["count"] for error in results["errors"]}
        rows.append([mishap, f"{messages:,}", done, counts.get(kind, 0),
                     ", ".join(f"{count} {kind}" for kind, count in counts.items())])
    table("Counting: one message in 10,000",
          ["mishap", "messages", "the server did", "counted", "all that was counted"], rows)


# Capacity

def capacity(arguments):
    rows = []
    for name, flags, search, limit in [
        ("5,000 messages/s", ["--reply-rate", "5000"], ["--by", "rate", "--slo", "p99<20ms,errors=0"], 5000),
        ("700 connections", ["--max-connections", "700"],
         ["--by", "connections", "--slo", "connected=100%,errors=0"], 700),
    ]:
        with Server(arguments, *flags) as server, tempfile.TemporaryDirectory() as folder:
            start = time.monotonic()
            done = subprocess.run(
                [arguments.gauntlet, "capacity", server.url, *search, "--out", folder, "--quiet"],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            seconds = time.monotonic() - start
            found = json.loads((Path(folder) / "run.json").read_text())["capacity"].get("capacity")
        off = "–" if found is None else f"{(found / limit - 1) * 100:+.1f} %"
        rows.append([name, found, off, f"{seconds:.0f} s", done.returncode])
    table("Capacity", ["limit of the server", "found", "off by", "time", "exit code"], rows)


# Trust

def word_of_run(arguments, rate, size="20", work="0s"):
    """What a run at a rate says of its generator, which has a processor of its own."""
    with Server(arguments, "--work", work, cpu=1) as server:
        _, results = load(
            arguments, server.url, "--connections", "20", "--size", size, "--rate", f"{rate:.0f}",
            "--warmup", "500ms", "--duration", "3s", "--drain", "1s", "--trust", "any", cpu=0)
    return results["generator"]["validity"].upper()


def maximum(arguments):
    """The highest rate that the generator keeps, to a tenth: two runs in three are valid."""
    def keeps(rate):
        words = [word_of_run(arguments, rate) for _ in range(2)]
        if words[0] != words[1]:
            words.append(word_of_run(arguments, rate))
        return words.count("VALID") >= 2

    kept, missed = 0, 500_000
    while keeps(missed):
        kept, missed = missed, missed * 2
    while missed > kept * 1.1:
        middle = (kept + missed) / 2
        kept, missed = (middle, missed) if keeps(middle) else (kept, middle)
        if missed < 1000:
            raise SystemExit("trust: the generator keeps no rate here")
    return kept


def trust(arguments):
    most = maximum(arguments)
    rows = []
    for name, rate, hogs, server in [
        ("healthy, half of its maximum", most / 2, 0, {}),
        ("healthy, at a server that reads half of what is sent", 10_000, 0, {"size": "16K", "work": "200us"}),
        ("starved: beside two busy loops on its processor", most / 2, 2, {}),
        ("flooded: three times its maximum", most * 3, 0, {}),
    ]:
        said = {}
        busy = [subprocess.Popen([*pinned(0), sys.executable, "-c", "while True: pass"]) for _ in range(hogs)]
        try:
            for _ in range(arguments.runs):
                word = word_of_run(arguments, rate, **server)
                said[word] = said.get(word, 0) + 1
        finally:
            for process in busy:
                process.kill()
        rows.append([name, f"{rate:,.0f}", ", ".join(f"{count} × {word}" for word, count in said.items())])
    table(f"Trust: the generator on one processor, the server on another ({os.cpu_count()} in all)",
          ["generator", "messages/s", "the runs say"], rows)


# Idle

def idle(arguments):
    """One run of several parts at several servers on one port, where one process may not have so many descriptors."""
    count, port = arguments.connections, free_port()
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    parts = -(-count // (limit - 500))
    # 25,000 ports of each address of loopback.
    sources = f"127.0.0.2-127.0.0.{2 + count // 25_000}"
    start = f"{time.time() + 15 + count / 5000:.0f}"
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as servers:
        file = Path(folder) / "server.json"
        file.write_text(json.dumps({
            "listeners": [{"address": f"127.0.0.1:{port}", "sharesPort": True}], "loops": 1}))
        for _ in range(parts):
            servers.enter_context(Server(arguments, listening=("--config", str(file))))
        generators = [
            subprocess.Popen(
                [arguments.gauntlet, "load", f"ws://127.0.0.1:{port}/", "--idle", "--connections", str(count),
                 "--source", sources, "--shard", f"{part}/{parts}", "--start-at", start, "--duration", "10s",
                 "--loops", "1", "--quiet", "--out", f"{folder}/{part}"], stdout=subprocess.DEVNULL)
            for part in range(1, parts + 1)]
        codes = [generator.wait() for generator in generators]
        if not set(codes) <= {0, 1, 4}:
            raise SystemExit(f"idle: the generators ended with {codes}")
        results = [json.loads(Path(f"{folder}/{part}/run.json").read_text())["load"][0]
                   for part in range(1, parts + 1)]
    opened = sum(result["totals"]["connectionsEstablished"] for result in results)
    slopes = [result["generator"]["bytesPerConnection"]["value"] for result in results]
    table("Idle connections", ["connections", "open", "processes of each kind", "generator's memory each", "exit codes"],
          [[f"{count:,}", f"{opened:,}", parts, f"{max(slopes) / 1024:.2f} KiB", sorted(set(codes))]])


SECTIONS = {"latency": latency, "counting": counting, "capacity": capacity, "trust": trust, "idle": idle}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=".build/release/gauntlet", help="the program")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, by comma")
    parser.add_argument("--real-time", action="store_true", help="in the section latency")
    parser.add_argument("--runs", type=int, default=10, help="runs of each kind in the section trust")
    parser.add_argument("--connections", type=int, default=100_000, help="in the section idle")
    arguments = parser.parse_args()
    arguments.gauntlet = str(Path(arguments.gauntlet).resolve())
    chosen = arguments.only.split(",")
    if unknown := set(chosen) - set(SECTIONS):
        parser.error(f"--only: no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    for name in chosen:
        SECTIONS[name](arguments)


if __name__ == "__main__":
    main()
