#!/usr/bin/env python3
"""How small a slow-down `gauntlet ab` finds, and how often it finds one that is not there.

The reference server is held against itself, slowed by 0, 2, 5, 10 and 20 % of the processor time that
it takes for a message (`gauntlet serve --work`): 40 comparisons of each, with 10 interleaved
repetitions of both sides in each comparison.

    Benchmarks/regression_study.py --gauntlet .build/release/gauntlet              # half an hour
    Benchmarks/regression_study.py --gauntlet .build/release/gauntlet --quick      # a minute or two

The levels take turns, so that a study that --minutes ends has as many comparisons of each. Whatever
else runs on the machine is part of the study: how busy it was is told with the table. Each comparison
has its own seed, counted from --seed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LEVELS = [0, 2, 5, 10, 20]


def compare(arguments, work, seed):
    """One comparison: gauntlet's verdict on the metric, and the values of all runs."""
    serve = f"exec '{arguments.server}' serve --loops 1 --port {{port}}"
    command = [arguments.gauntlet, "ab", "--a", serve,
               "--b", f"{serve} --work {work:.0f}ns" if work else serve,
               "--repeat", str(arguments.repeat), "--warmup", arguments.warmup,
               "--duration", arguments.duration, "--connections", str(arguments.connections),
               "--size", str(arguments.size), "--metrics", arguments.metric, "--seed", str(seed),
               "--json", "-"]
    with tempfile.TemporaryFile() as errors:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, timeout=900)
        if result.returncode not in (0, 1):
            errors.seek(0)
            last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
            sys.exit(f"gauntlet ab ended with {result.returncode}: {' '.join(last)}")
    metrics = json.loads(result.stdout)["load"]["scenarios"][0]["metrics"]
    return next(metric for metric in metrics if metric["metric"] == arguments.metric)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=".build/release/gauntlet")
    parser.add_argument("--server", metavar="GAUNTLET", help="another one, to serve")
    parser.add_argument("--comparisons", type=int, default=40, help="of each level")
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--warmup", default="50ms")
    parser.add_argument("--duration", default="250ms")
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--size", default="1K")
    parser.add_argument("--metric", default="cpu", help="what is judged")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="begin no comparison after so long")
    parser.add_argument("--quick", action="store_true", help="three comparisons of each level")
    parser.add_argument("--out", metavar="FILE", help="all values, as JSON Lines")
    arguments = parser.parse_args()
    arguments.gauntlet = str(Path(arguments.gauntlet).resolve())
    arguments.server = str(Path(arguments.server or arguments.gauntlet).resolve())
    for program in (arguments.gauntlet, arguments.server):
        if not Path(program).is_file():
            parser.error(f"{program} is not there: make build, or name it with --gauntlet")
    if arguments.quick:
        arguments.comparisons = 3
    start = time.monotonic()
    # What the server takes for a message, from a comparison with itself.
    first = compare(arguments, 0, arguments.seed)
    cost = statistics.median(first["base"] + first["head"])
    loads = [os.getloadavg()[0]]
    found = {level: [] for level in LEVELS}
    out = open(arguments.out, "w") if arguments.out else None
    for number in range(arguments.comparisons):
        if arguments.minutes and time.monotonic() - start > 60 * arguments.minutes:
            break
        for level in LEVELS:
            seed = arguments.seed + 1 + number * len(LEVELS) + LEVELS.index(level)
            metric = compare(arguments, cost * level / 100, seed)
            found[level].append(metric)
            loads.append(os.getloadavg()[0])
            if out:
                out.write(json.dumps({"level": level, "seed": seed, **metric}) + "\n")
                out.flush()
        print(f"{number + 1} of {arguments.comparisons}", file=sys.stderr, flush=True)
    report(arguments, cost, found, loads, time.monotonic() - start)


def report(arguments, cost, found, loads, seconds):
    spread = statistics.median(
        statistics.stdev(metric["base"]) / statistics.mean(metric["base"])
        for metrics in found.values() for metric in metrics)
    print(f"{arguments.metric}: {cost / 1000:.1f} µs of the server for a message; runs of one build "
          f"differ by {100 * spread:.1f} % (standard deviation, the middle of all comparisons); "
          f"load average {min(loads):.1f} to {max(loads):.1f} on {os.cpu_count()} processors; "
          f"{seconds / 60:.0f} minutes\n")
    print("| slowed by | comparisons | found worse | found better | measured, the middle |")
    print("|--:|--:|--:|--:|--:|")
    for level, metrics in found.items():
        count = max(1, len(metrics))
        worse = sum(metric["judgement"] == "worse" for metric in metrics)
        better = sum(metric["judgement"] == "better" for metric in metrics)
        size = statistics.median(metric["effect"]["size"] for metric in metrics) if metrics else 0
        print(f"| {level} % | {len(metrics)} | {worse} ({100 * worse / count:.1f} %) | "
              f"{better} ({100 * better / count:.1f} %) | {100 * size:+.1f} % |")


if __name__ == "__main__":
    main()
