#!/usr/bin/env python3
"""How well `gauntlet history` finds changes that are known, and how often it finds what is none.

Makes histories of runs whose rate is drawn around known levels, has gauntlet judge each, and counts:

    hit          a change within --slack runs of a true one, each true one once
    false alarm  any other change

    Benchmarks/history_study.py --gauntlet .build/release/gauntlet             # the table, minutes
    Benchmarks/history_study.py --gauntlet .build/release/gauntlet --quick     # fewer histories

With --real DIR the history of real runs (folders as `gauntlet load --out DIR/NAME` leaves them) is
judged instead, against the runs named by --change: the first of each new level.
"""

import argparse
import datetime
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

DAY = 86_400
STARTED = 1_780_000_000


def run_document(number, rate):
    """A run as small as the schema lets it be, that measured this rate."""
    seconds = 10
    histogram = {"count": 0, "minimumNanoseconds": 0, "maximumNanoseconds": 0, "meanNanoseconds": 0,
                 "standardDeviationNanoseconds": 0, "percentiles": [], "encoded": ""}
    received = round(rate * seconds)
    moment = datetime.datetime.fromtimestamp(STARTED + number * DAY, datetime.timezone.utc)
    return {
        "schemaVersion": 1, "tool": {"name": "gauntlet", "version": "0.1.0"},
        "started": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "elapsedNanoseconds": seconds * 10**9,
        "commandLine": ["gauntlet", "load"], "isComplete": True,
        "environment": {
            "operatingSystem": "Linux", "kernel": "Linux 6.8", "architecture": "x86_64",
            "processor": "A Processor", "processorCount": 2, "memoryByteCount": 2**34,
            "loadAverages": [0, 0, 0], "swiftVersion": "6.3", "facts": [],
            "source": {"commit": f"{number:040x}", "branch": "main"}},
        "load": [{
            "name": "echo",
            "scenario": {"mode": "closedLoop", "connections": 10, "depth": 1, "payloadByteCount": 1024,
                         "isBinary": True, "offersCompression": False, "verifies": True, "loops": 1,
                         "settings": []},
            "target": {"url": "ws://127.0.0.1:9001/", "facts": []},
            "phases": [{"name": "measure", "startNanoseconds": 0,
                        "durationNanoseconds": seconds * 10**9, "isMeasured": True}],
            "totals": {"connectionsAttempted": 10, "connectionsEstablished": 10,
                       "messagesSent": received, "messagesReceived": received,
                       "payloadBytesSent": 0, "payloadBytesReceived": 0},
            "errors": [], "latencies": [{"name": "from actual send", "histogram": histogram}],
            "setUp": [], "series": [],
            "generator": {"userNanoseconds": 0, "systemNanoseconds": 0, "validity": "valid",
                          "remarks": []},
        }],
    }


def levels_of(length, changes, rng):
    """The level of each run, and where it changes: at least 8 runs apart and from the ends."""
    places = []
    while len(places) < len(changes):
        places = sorted(rng.sample(range(8, length - 8), len(changes)))
        if any(b - a < 8 for a, b in zip(places, places[1:])):
            places = []
    level, levels = 50_000.0, []
    steps = dict(zip(places, changes))
    for number in range(length):
        level *= 1 + steps.get(number, 0)
        levels.append(level)
    return levels, places


def values_of(levels, noise, kind, rng):
    """What the runs measured: normal, with wild runs now and then, or with noise that lingers."""
    values, lingering = [], 0.0
    for level in levels:
        if kind == "lingering":
            lingering = 0.5 * lingering + rng.gauss(0, noise * (1 - 0.25) ** 0.5)
            deviation = lingering
        else:
            deviation = rng.gauss(0, noise)
        value = level * (1 + deviation)
        if kind == "wild" and rng.random() < 0.05:
            value *= rng.uniform(0.4, 0.8)
        values.append(max(1.0, value))
    return values


def judge(gauntlet, folder, metric):
    """The changes that gauntlet finds, as positions of the first run after each."""
    result = subprocess.run(
        [gauntlet, "history", str(folder), "--metrics", metric, "--json", "-"],
        capture_output=True, text=True, timeout=600)
    if result.returncode not in (0, 1):
        sys.exit(f"gauntlet history ended with {result.returncode}: {result.stderr.strip()}")
    history = json.loads(result.stdout)
    changes = [change["firstEntry"] for scenario in history["scenarios"]
               for series in scenario["series"] for change in series["changes"]]
    return history, changes


def count(found, places, slack):
    """How many true changes were found, and how many found ones are none."""
    missing, false = list(places), 0
    for place in found:
        near = [known for known in missing if abs(known - place) <= slack]
        if near:
            missing.remove(min(near, key=lambda known: abs(known - place)))
        else:
            false += 1
    return len(places) - len(missing), false


SCENES = [(noise, kind, changes)
          for kind in ("normal", "wild", "lingering")
          for noise in (0.02, 0.05)
          for changes in ((), (-0.05,), (-0.10,), (-0.20,), (-0.10, 0.12, -0.20))]


def study(arguments):
    rng = random.Random(arguments.seed)
    histories = 20 if arguments.quick else arguments.histories
    print(f"{histories} histories of {arguments.length} runs each; a hit is within "
          f"{arguments.slack} runs\n")
    print("| noise | deviation | changes | hits | false alarms | histories with any |")
    print("|---|--:|---|--:|--:|--:|")
    for noise, kind, changes in SCENES:
        hits = true = false = alarmed = 0
        for _ in range(histories):
            levels, places = levels_of(arguments.length, changes, rng)
            values = values_of(levels, noise, kind, rng)
            with tempfile.TemporaryDirectory() as folder:
                for number, value in enumerate(values):
                    path = Path(folder) / f"{number:04}.json"
                    path.write_text(json.dumps(run_document(number, value)))
                _, found = judge(arguments.gauntlet, folder, "rate")
            hit, wrong = count(found, places, arguments.slack)
            hits, true, false, alarmed = hits + hit, true + len(places), false + wrong, \
                alarmed + (wrong > 0)
        words = ", ".join(f"{100 * change:+.0f} %" for change in changes) or "none"
        rate = f"{hits} of {true} ({100 * hits / true:.0f} %)" if true else "–"
        print(f"| {kind} | {100 * noise:.0f} % | {words} | {rate} | {false} | "
              f"{100 * alarmed / histories:.1f} % |", flush=True)


def real(arguments):
    history, found = judge(arguments.gauntlet, arguments.real, arguments.metric)
    names = [entry["name"] for entry in history["entries"]]
    unknown = [name for name in arguments.change if name not in names]
    if unknown:
        sys.exit(f"history_study: no run of that name in {arguments.real}: {', '.join(unknown)}")
    places = [names.index(name) for name in arguments.change]
    hits, false = count(found, places, arguments.slack)
    print(f"{len(names)} real runs, {arguments.metric}: {hits} of {len(places)} changes found, "
          f"{false} false alarms; found at {', '.join(names[place] for place in found) or 'none'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=".build/release/gauntlet")
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--length", type=int, default=60, help="runs of a history, at least 50")
    parser.add_argument("--slack", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--real", metavar="DIR")
    parser.add_argument("--metric", default="cpu", help="of --real")
    parser.add_argument("--change", action="append", default=[], metavar="RUN")
    arguments = parser.parse_args()
    if not Path(arguments.gauntlet).is_file():
        parser.error(f"{arguments.gauntlet} is not there: make build, or name it with --gauntlet")
    if arguments.length < 50:
        parser.error("--length is at least 50: changes must lie apart")
    real(arguments) if arguments.real else study(arguments)


if __name__ == "__main__":
    main()
