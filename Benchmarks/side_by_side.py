#!/usr/bin/env python3
"""Puts one server under the load of several tools, and shows what each says about it.

The tools are Gauntlet, tsung (from Debian: apt-get install tsung) and Locust with websocket-client (from PyPI, in
an environment of its own). Three questions:

  1. How many messages does a tool make of a second of its own processor time? (as fast as it can)
  2. What latency does it report at half the rate that the slowest of them reached, or at 2,000 messages/s if that is
     less? (tsung does not keep a pause of less than 20 ms on each of fifty connections)
  3. What does it say of a server that answers nothing for half a second in ten? Of messages sent at a constant
     rate one in twenty meets the stall, so that theory has a 99th percentile of 400 ms.

  make tools
"""

import argparse
import csv
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parent.parent / ".build" / "tools"
CONNECTIONS = 50
SIZE = 64

LOCUST = """
import os, time
from locust import User, task, constant_throughput
import websocket

RATE = float(os.environ["RATE"])

class Echo(User):
    if RATE:
        wait_time = constant_throughput(RATE)

    def on_start(self):
        self.socket = websocket.create_connection(os.environ["URL"])

    @task
    def echo(self):
        payload = "x" * %d
        start = time.perf_counter()
        self.socket.send(payload)
        reply = self.socket.recv()
        self.environment.events.request.fire(
            request_type="WS", name="echo", response_length=len(reply), context={},
            response_time=(time.perf_counter() - start) * 1000,
            exception=None if reply == payload else ValueError("another reply"))
""" % SIZE

TSUNG = """<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="notice">
  <clients><client host="localhost" use_controller_vm="true" maxusers="1000"/></clients>
  <servers><server host="127.0.0.1" port="{port}" type="tcp"/></servers>
  <load duration="{seconds}" unit="second">
    <arrivalphase phase="1" duration="{seconds}" unit="second">
      <users maxnumber="{connections}" arrivalrate="{connections}" unit="second"/>
    </arrivalphase>
  </load>
  <sessions><session name="echo" probability="100" type="ts_websocket">
    <request><websocket type="connect" path="/"></websocket></request>
    <for from="1" to="1000000000" var="i">
      <request><websocket type="message">{payload}</websocket></request>{pause}
    </for>
  </session></sessions>
</tsung>
"""


class Answer:
    """What a tool says, and what it used."""

    def __init__(self, messages, seconds, cpu, p50=None, p99=None, words=""):
        self.messages, self.seconds, self.cpu = messages, seconds, cpu
        self.p50, self.p99, self.words = p50, p99, words

    @property
    def rate(self):
        return self.messages / self.seconds


def run(command, **options):
    """Runs a tool to its end; gives its output and the processor time of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, cpu


def gauntlet(arguments, port, seconds, rate, folder):
    out = folder / "run.json"
    pace = ["--rate", str(rate)] if rate else []
    text, cpu = run([
        arguments.gauntlet, "load", f"ws://127.0.0.1:{port}/", "--connections", str(CONNECTIONS), "--size", str(SIZE),
        "--kind", "text", "--duration", f"{seconds}s", "--warmup", "0s", "--json", str(out), "--quiet", "--trust", "any",
    ] + pace)
    if not out.exists():
        raise SystemExit(f"gauntlet load said:\n{text}")
    load = json.loads(out.read_text())["load"][0]
    points = {p["percentile"]: p["nanoseconds"] / 1e6 for p in load["latencies"][0]["histogram"]["percentiles"]}
    return Answer(load["totals"]["messagesReceived"], seconds, cpu, points[50], points[99])


def locust(arguments, port, seconds, rate, folder):
    (folder / "locustfile.py").write_text(LOCUST)
    environment = dict(os.environ, URL=f"ws://127.0.0.1:{port}/", RATE=str(rate / CONNECTIONS))
    text, cpu = run([
        arguments.locust, "-f", "locustfile.py", "--headless", "--users", str(CONNECTIONS),
        "--spawn-rate", str(CONNECTIONS), "--run-time", f"{seconds + 1}s", "--csv", "locust",
    ], cwd=folder, env=environment)
    table = folder / "locust_stats.csv"
    if not table.exists():
        raise SystemExit(f"locust said:\n{text}")
    row = next(csv.DictReader(table.open()))
    rate = float(row["Requests/s"])
    return Answer(rate * seconds, seconds, cpu * seconds / (seconds + 1), float(row["50%"]), float(row["99%"]))


def tsung(arguments, port, seconds, rate, folder):
    pause = f'<thinktime value="{CONNECTIONS / rate}" random="false"/>' if rate else ""
    configuration = folder / "tsung.xml"
    configuration.write_text(TSUNG.format(
        port=port, seconds=seconds, connections=CONNECTIONS, payload="x" * SIZE, pause=pause))
    text, cpu = run(["tsung", "-f", str(configuration), "-l", str(folder / "tsung"), "start"])
    logs = sorted((folder / "tsung").glob("*/tsung.log"))
    found = re.findall(r"^stats: request (\d+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) (\d+)",
                       logs[-1].read_text() if logs else "", re.MULTILINE)
    if not found:
        raise SystemExit(f"tsung said:\n{text}")
    # Each dump counts its own interval; mean and count of all before stand in the last two columns.
    total = sum(int(row[0]) for row in found)
    mean = sum(int(row[0]) * float(row[1]) for row in found) / total
    greatest = max(float(row[3]) for row in found)
    return Answer(total, seconds, cpu, words=f"mean {mean:.2f} ms, max {greatest:.0f} ms; no percentiles")


TOOLS = {"Gauntlet": gauntlet, "Locust": locust, "tsung": tsung}


class Server:
    """The reference server on a free port."""

    def __init__(self, arguments, flags, folder):
        self.ready = folder / "ready"
        self.ready.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [arguments.gauntlet, "serve", "--port", "0", "--ready-file", str(self.ready), *flags],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        end = time.monotonic() + 10
        while not self.ready.exists() or ":" not in self.ready.read_text():
            if time.monotonic() > end:
                raise SystemExit("the server did not start")
            time.sleep(0.02)
        return int(re.search(r":(\d+)", self.ready.read_text().split()[0].removeprefix("ws:")).group(1))

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def install_locust():
    """Locust's command; None where it cannot be had."""
    command = ENVIRONMENT / "bin" / "locust"
    if not command.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
            subprocess.run(
                [ENVIRONMENT / "bin" / "pip", "install", "-q", "locust", "websocket-client"], check=True)
        except subprocess.CalledProcessError as error:
            print(f"Locust cannot be installed: {error}")
            return None
    return str(command)


def milliseconds(value):
    return "–" if value is None else f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"


def latency(answer):
    return answer.words or f"p50 {milliseconds(answer.p50)}, p99 {milliseconds(answer.p99)}"


def table(title, header, rows):
    print(f"\n{title}\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=".build/release/gauntlet", help="the program")
    parser.add_argument("--locust", help="Locust's command (default: it is installed in .build/tools)")
    parser.add_argument("--seconds", type=int, default=10, help="the length of the first two plays")
    parser.add_argument("--stall-seconds", type=int, default=40, help="the length of the third")
    arguments = parser.parse_args()
    arguments.gauntlet = str(Path(arguments.gauntlet).resolve())
    arguments.locust = arguments.locust or install_locust()
    tools = dict(TOOLS)
    for name, command in [("Locust", arguments.locust), ("tsung", "tsung")]:
        if command is None or shutil.which(command) is None:
            print(f"{name} is not there: left out")
            del tools[name]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def play(tool, flags, seconds, rate):
            with Server(arguments, flags, folder) as port:
                return tools[tool](arguments, port, seconds, rate, folder)

        fastest = {tool: play(tool, [], arguments.seconds, 0) for tool in tools}
        table(f"As fast as it can: {CONNECTIONS} connections, {SIZE} B, one message in flight on each",
              ["tool", "messages/s", "messages per CPU second of the tool"],
              [[tool, f"{a.rate:,.0f}", f"{a.messages / a.cpu:,.0f}"] for tool, a in fastest.items()])

        rate = min(2000, int(min(a.rate for a in fastest.values()) / 2))
        half = {tool: play(tool, [], arguments.seconds, rate) for tool in tools}
        table(f"At {rate:,} messages/s, half or less of what the slowest reached",
              ["tool", "messages/s", "latency that it reports"],
              [[tool, f"{a.rate:,.0f}", latency(a)] for tool, a in half.items()])

        stall = ["--stall", "500ms/10s"]
        stalled = {tool: play(tool, stall, arguments.stall_seconds, 1000) for tool in tools}
        blind = play("Gauntlet", stall, arguments.stall_seconds, 0)
        rows = [[tool, f"{a.rate:,.0f}", latency(a)] for tool, a in stalled.items()]
        rows.append(["Gauntlet, closed loop", f"{blind.rate:,.0f}", latency(blind)])
        table("1,000 messages/s to a server that stalls for 500 ms in 10 s: theory has p99 400 ms",
              ["tool", "messages/s", "latency that it reports"], rows)


if __name__ == "__main__":
    main()
