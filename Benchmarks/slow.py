"""A slow consumer among a thousand subscribers: with each policy, what it costs the server and the others."""

import json
import socket
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

from bench import Process, free_port, resident_bytes
from crowd import Crowd, client_frame, open_one, read_frame

SUBSCRIBERS, SIZE, RATE, SECONDS = 1000, 16384, 5, 8
QUEUED = 256 << 10


class Outcome:
    def __init__(self):
        self.latencies, self.growth, self.slow_frames, self.slow_code = [], 0, 0, None

    @property
    def p99(self):
        return statistics.quantiles(self.latencies, n=100)[98] * 1000


def play(gauntlet, policy, has_slow):
    """Sends at a fixed rate to all; gives the others' latencies and what the server's memory grew by."""
    port, outcome = free_port(), Outcome()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "server.json"
        file.write_text(json.dumps({
            "listeners": [{"address": f"127.0.0.1:{port}", "sendBuffer": "64K"}], "loops": 1,
            "handler": "broadcast", "compression": False, "slowConsumers": policy,
            "limits": {"queuedOutput": QUEUED}}))
        with Process(f"{gauntlet} serve --config {file}", 0) as server:
            server.wait_for(port)
            with Crowd(port, SUBSCRIBERS) as crowd:
                slow = open_one(port, receive_buffer=4096) if has_slow else None
                author, got = crowd.sockets[0], 0
                begin = time.monotonic()
                before = None
                for number in range(RATE * SECONDS):
                    due = begin + number / RATE
                    while (left := due - time.monotonic()) > 0:
                        got += receive(crowd, left, outcome)
                    if number == RATE:  # What every run needs has been allocated by now.
                        before = resident_bytes(server.pid)
                    author.send(client_frame(2, struct.pack(">d", due) + bytes(SIZE - 8)))
                deadline = time.monotonic() + 20
                while got < SUBSCRIBERS * RATE * SECONDS and time.monotonic() < deadline:
                    got += receive(crowd, 0.2, outcome)
                if got != SUBSCRIBERS * RATE * SECONDS:
                    sys.exit(f"serving: {got} of {SUBSCRIBERS * RATE * SECONDS} messages came")
                outcome.growth = resident_bytes(server.pid) - before
                if slow:
                    drain(slow, outcome)
    return outcome


def receive(crowd, timeout, outcome):
    count = 0
    for _, opcode, payload in crowd.frames(timeout):
        if opcode == 2:
            count += 1
            outcome.latencies.append(time.monotonic() - struct.unpack_from(">d", payload)[0])
        elif opcode is None or opcode == 8:
            sys.exit("serving: a subscriber that keeps up was closed")
    return count


def drain(slow, outcome):
    """What the slow one finds when it reads at last."""
    slow.settimeout(1)
    try:
        while frame := read_frame(slow):
            if frame[0] == 8:
                outcome.slow_code = struct.unpack(">H", frame[1][:2])[0]
                break
            outcome.slow_frames += 1
    except (socket.timeout, OSError):
        pass
    slow.close()


def measure(arguments, judge):
    policies = ["wait", "dropOldest", "dropNewest", "close"]
    print(f"\n## A slow consumer among {SUBSCRIBERS:,}: {SIZE:,} octets, {RATE}/s for {SECONDS} s, "
          f"{QUEUED >> 10} KiB may wait\n")
    rounds = {policy: [] for policy in policies}
    for turn in range(arguments.rounds):
        for policy in policies[turn % 4:] + policies[:turn % 4]:
            pair = [(has_slow, play(arguments.gauntlet, policy, has_slow))
                    for has_slow in ([False, True] if turn % 2 else [True, False])]
            rounds[policy].append((dict(pair)[False], dict(pair)[True]))
    sent = RATE * SECONDS
    for policy, pairs in rounds.items():
        ratio = statistics.median(slow.p99 / without.p99 for without, slow in pairs)
        growth = statistics.median(slow.growth - without.growth for without, slow in pairs)
        last = pairs[-1][1]
        judge(f"{policy:10}: the others' p99 {statistics.median(s.p99 for _, s in pairs):.1f} ms, "
              f"{ratio:.2f} of that without it (1.50)", ratio <= 1.5)
        judge(f"{policy:10}: {growth / 1024:,.0f} KiB more resident memory "
              f"(at most {QUEUED >> 10} and 512 for the allocator)", growth <= QUEUED + (512 << 10))
        judge(f"{policy:10}: the slow one has got {last.slow_frames} of {sent} messages"
              f"{f' and Close {last.slow_code}' if last.slow_code else ''}",
              last.slow_frames < sent and (last.slow_code == 1013) == (policy == "close"))
