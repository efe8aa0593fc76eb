#!/usr/bin/env python3
"""Keeps the reference server busy for long with all its features on, and tells whether its memory stays.

  make soak SOAKFLAGS="--duration 1h"

Half of the rate that it can carry goes on as verified echoes, plain and over TLS, while clients connect and
disconnect in every manner (in order, by reset, in the middle of a message, with broken frames, with a wrong
key) and fetch pages, and certificates are reloaded every ten seconds. The resident memory is read every
second; what counts is its slope after a fifth of the time, unless --server names a build of another kind: a
sanitized one holds on to what was freed. The exit code is 1 if the slope is above the bound, a verified echo was
lost, or the server died.
"""

import argparse
import hashlib
import http.client
import json
import os
import random
import re
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import upkeep
from bench import Process, free_port, resident_bytes
from crowd import client_frame, open_one, read_frame


def seconds(text):
    match = re.fullmatch(r"([0-9.]+)(s|m|h|)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text} is no time: write 90s, 5m or 1h")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def configuration(folder, plain, secure):
    """All features on: nothing here is needed by the load, everything has to be carried along."""
    return {
        "listeners": [
            {"address": f"127.0.0.1:{plain}", "keepAlive": {"idle": "60s"}},
            {"address": f"127.0.0.1:{secure}", "tls": {
                "certificate": f"{folder}/server.pem", "key": f"{folder}/server.key",
                "sessions": {"tickets": 2}}}],
        "handler": "asynchronous", "subprotocols": ["chat"], "countsTraffic": True, "keepsRequests": True,
        "heartbeat": {"interval": "5s", "timeout": "5s"}, "slowConsumers": "dropOldest",
        "limits": {"message": "1M", "connections": 5000},
        "timeouts": {"openingHandshake": "5s", "idle": "60s"},
        "compression": {"level": 1},
        "http": {"testPage": "/", "metrics": "/metrics", "sessions": {"timeout": "1m", "maximum": 2000},
                 "files": [{"path": "/files", "folder": f"{folder}/www"}]},
        "access": {"keys": {"file": f"{folder}/keys", "query": "key"},
                   "exempt": ["/", "/metrics", "/files/*"],
                   "rates": {"requests": 1_000_000, "failures": 1_000_000}}}


class Guest(threading.Thread):
    """Comes and goes in every manner, one after the other."""

    def __init__(self, plain, secure, seed):
        super().__init__(daemon=True)
        self.ports, self.random = (plain, secure), random.Random(seed)
        self.is_over, self.visits, self.unexpected = False, 0, []
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE

    def run(self):
        manners = [self.echoes, self.compresses, self.resets, self.breaks_off, self.breaks_rules,
                   self.looks_around, self.is_refused]
        while not self.is_over:
            manner = self.random.choice(manners)
            try:
                manner()
                self.visits += 1
            except Exception as error:  # Whatever it is, it is told and counted.
                if not self.is_over:
                    self.unexpected.append(f"{manner.__name__}: {error!r}")
            time.sleep(self.random.uniform(0, 0.02))

    def come_in(self, fields=""):
        tls = self.random.random() < 0.3
        return open_one(self.ports[tls], fields, context=self.context if tls else None)

    def echoes(self):
        with self.come_in("Sec-WebSocket-Protocol: chat\r\n") as connection:
            for _ in range(self.random.randrange(1, 10)):
                payload = bytes(self.random.randrange(5000))
                connection.sendall(client_frame(2, payload))
                while (frame := read_frame(connection)) and frame[0] == 9:
                    connection.sendall(client_frame(10, frame[1]))
                if frame != (2, payload):
                    raise ValueError(f"a wrong echo: {frame and frame[0]}")
            connection.sendall(client_frame(8, b"\x03\xe8"))
            if read_frame(connection) != (8, b"\x03\xe8"):
                raise ValueError("no Close in answer")

    def compresses(self):
        with self.come_in("Sec-WebSocket-Extensions: permessage-deflate\r\n") as connection:
            connection.sendall(client_frame(1, b"not compressed, which is allowed"))
            read_frame(connection)

    def resets(self):
        connection = self.come_in()
        connection.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER of 0: a reset.
        connection.close()

    def breaks_off(self):
        with self.come_in() as connection:
            connection.sendall(client_frame(2, bytes(9000))[:self.random.randrange(1, 9000)])

    def breaks_rules(self):
        with self.come_in() as connection:
            connection.sendall(b"\xf3\x80\0\0\0\0")
            while (frame := read_frame(connection)) and frame[0] != 8:
                pass
            if not frame or frame[1][:2] != b"\x03\xea":
                raise ValueError("no Close 1002")

    def looks_around(self):
        for path in ["/", "/files/page.txt", "/metrics"]:
            if not upkeep.fetch(self.ports[0], path):
                raise ValueError(f"{path} is empty")

    def is_refused(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=30)
        connection.request("GET", "/private", headers={"X-API-Key": "nobody's"})
        status = connection.getresponse().status
        connection.close()
        if status != 401:
            raise ValueError(f"{status} for a wrong key")


def slope(samples):
    """Octets a second by least squares of (time, octets)."""
    middle = statistics.mean(t for t, _ in samples)
    mean = statistics.mean(v for _, v in samples)
    spread = sum((t - middle) ** 2 for t, _ in samples)
    return sum((t - middle) * (v - mean) for t, v in samples) / spread


def steady_slope(samples):
    """The median of the slopes between all pairs: a single step, as of a stall, does not move it."""
    some = samples[::max(1, len(samples) // 200)]
    return statistics.median(
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for number, later in enumerate(some) for earlier in some[:number])


def load(gauntlet, url, folder, name, connections, *flags):
    command = [gauntlet, "load", url, "--connections", str(connections), "--size", "1024", "--quiet",
               "--json", f"{folder}/{name}.json", "--insecure", "--header", f"X-API-Key: {KEY}", "--trust", "any", *flags]
    return Process(" ".join(f"'{word}'" for word in command), 1, subprocess.PIPE)


KEY = "0123456789abcdef0123456789abcdef"


def highest_rate(gauntlet, urls, folder):
    """What the server carries of both kinds together, with guests about, when each reply is followed by a message."""
    flags = ["--depth", "4", "--warmup", "1s", "--duration", "8s"]
    with load(gauntlet, urls[0], folder, "plain", 100, *flags) as first, \
            load(gauntlet, urls[1], folder, "secure", 50, *flags) as second:
        for run in (first, second):
            run.popen.communicate(timeout=60)
    results = [json.loads(Path(f"{folder}/{name}.json").read_text())["load"][0] for name in ("plain", "secure")]
    return sum(result["totals"]["messagesReceived"] for result in results) / 8


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=".build/release/gauntlet", help="the program")
    parser.add_argument("--server", help="another build of the program to serve, such as a sanitized one")
    parser.add_argument("--duration", type=seconds, default=3600, help="90s, 5m, 1h")
    parser.add_argument("--guests", type=int, default=8, help="clients that come and go at a time")
    parser.add_argument("--rate", type=float, help="echoes a second; half of the highest otherwise")
    parser.add_argument("--bound", type=float, default=64, help="KiB a minute that memory may grow by")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(soak(arguments, folder))


def soak(arguments, folder):
    plain, secure = free_port(), free_port()
    upkeep.make_certificate(folder)
    (Path(folder) / "www").mkdir()
    (Path(folder) / "www/page.txt").write_text("a page\n" * 1000)
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    (Path(folder) / "keys").write_text(f"load:{digest}::\n")
    file = Path(folder) / "server.json"
    file.write_text(json.dumps(configuration(folder, plain, secure)))
    errors = open(f"{folder}/errors", "w+")
    with Process(f"{arguments.server or arguments.gauntlet} serve --config {file}", 0, errors) as server:
        server.wait_for(plain)
        urls = [f"ws://127.0.0.1:{plain}/", f"wss://127.0.0.1:{secure}/"]
        guests = [Guest(plain, secure, seed) for seed in range(arguments.guests)]
        for guest in guests:
            guest.start()
        rate = arguments.rate or highest_rate(arguments.gauntlet, urls, folder) / 2
        time_flags = ["--warmup", "1s", "--duration", f"{arguments.duration:.0f}s"]
        print(f"{rate:,.0f} echoes/s for {arguments.duration:.0f} s, {arguments.guests} guests at a time", flush=True)
        with load(arguments.gauntlet, urls[0], folder, "plain", 100, "--rate", f"{rate * 0.7}", *time_flags) as first, \
                load(arguments.gauntlet, urls[1], folder, "secure", 50, "--rate", f"{rate * 0.3}", *time_flags) as second:
            samples, reloads = watch(arguments, server, folder, first.popen)
            outputs = [run.popen.communicate(timeout=120)[0] for run in (first, second)]
            codes = [run.popen.returncode for run in (first, second)]
        for guest in guests:
            guest.is_over = True
        for guest in guests:
            guest.join(10)
        is_alive = server.popen.poll() is None
        metrics = upkeep.fetch(plain, "/metrics") if is_alive else ""
    return report(arguments, folder, samples, codes, outputs, guests, is_alive, metrics, reloads)


def watch(arguments, server, folder, load):
    """Reads the memory every second, and reloads the certificates now and then."""
    samples, reloads, begin = [], 0, time.monotonic()
    while load.poll() is None and server.popen.poll() is None:
        elapsed = time.monotonic() - begin
        samples.append((elapsed, resident_bytes(server.pid)))
        if elapsed > (reloads + 1) * 10:
            reloads += 1
            upkeep.make_certificate(folder)
            os.kill(server.pid, signal.SIGHUP)
        time.sleep(1)
    return samples, reloads


def milliseconds(nanoseconds):
    return "–" if nanoseconds is None else f"{nanoseconds / 1e6:,.1f} ms"


def latency(result):
    """What half, 99 % and all of the echoes took at most."""
    histogram = result["latencies"][0]["histogram"]
    at = {point["percentile"]: point["nanoseconds"] for point in histogram["percentiles"]}
    return (f"p50 {milliseconds(at.get(50))}, p99 {milliseconds(at.get(99))}, "
            f"at most {milliseconds(histogram.get('maximumNanoseconds'))}")


def report(arguments, folder, samples, codes, outputs, guests, is_alive, metrics, reloads):
    warm = [sample for sample in samples if sample[0] > arguments.duration / 5]
    growth, least_squares = steady_slope(warm) * 60 / 1024, slope(warm) * 60 / 1024
    visits = sum(guest.visits for guest in guests)
    unexpected = [line for guest in guests for line in guest.unexpected]
    print(f"resident memory: {samples[0][1] >> 10:,} KiB at the beginning, {warm[0][1] >> 10:,} warm, "
          f"{warm[-1][1] >> 10:,} at the end, {max(v for _, v in warm) >> 10:,} at most")
    tenths = [samples[len(samples) * part // 10 + 1][1] >> 10 for part in range(10)]
    print(f"  by tenths of the time, KiB: {tenths}")
    for name in ("plain", "secure"):
        if not (path := Path(f"{folder}/{name}.json")).exists():
            print(f"  {name}: no result")
            continue
        result = json.loads(path.read_text())["load"][0]
        errors = ", ".join(f"{error['count']:,} {error['kind']}" for error in result["errors"]) or "no error"
        print(f"  {name}: {result['totals']['messagesReceived']:,} echoes verified; {errors}; {latency(result)}")
        for sample in [sample for sample in result["series"] if sample["errors"]][:10]:
            print(f"    at {sample['offsetNanoseconds'] / 1e9:,.0f} s: {sample['errors']:,} errors, "
                  f"{sample['messagesReceived']:,} echoes, at most {milliseconds(sample.get('maximumNanoseconds'))}")
    for line in metrics.splitlines():
        if line[:1] != "#" and any(name in line for name in ("opened", "refused", "errors", "messages")):
            print(f"  {line}")
    bound = "not judged" if arguments.server else f"at most {arguments.bound:g}"
    checks = [
        (f"slope after warm-up: {growth:+.1f} KiB a minute as the median of all pairs "
         f"({bound}), {least_squares:+.1f} by least squares", arguments.server or growth <= arguments.bound),
        (f"exit codes of the load: {codes} (0: every echo came back) {' '.join(outputs).strip()}", codes == [0, 0]),
        (f"{visits:,} visits of guests, {len(unexpected)} with a surprise {unexpected[:3] or ''}",
         visits > 0 and not unexpected),
        (f"the server has not ended; {reloads} reloads of its certificates", is_alive)]
    for text, is_met in checks:
        print(f"{'met   ' if is_met else 'MISSED'}  {text}", flush=True)
    complaints = [line for line in Path(f"{folder}/errors").read_text().splitlines()
                  if "Sanitizer" in line or "Fatal" in line or "error" in line.lower()]
    for line in complaints[:10]:
        print(f"  the server: {line[:200]}")
    return 0 if all(is_met for _, is_met in checks) else 1


if __name__ == "__main__":
    main()
