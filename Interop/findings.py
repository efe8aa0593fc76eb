#!/usr/bin/env python3
"""Makes a page of what the servers of interop.py did wrong, grouped by cause.

  Interop/findings.py reports/interop > findings.md

A cause names the rule and who is at fault. A failure that no cause covers is listed by itself at the
end, so that nothing is passed over in silence. The 517 established cases are only counted.
"""

import fnmatch
import json
import sys
from collections import Counter, OrderedDict
from pathlib import Path

from causes import CAUSES

RANK = ["pass", "informational", "acceptable", "unsupported", "fail", "error"]


def overall(verdict):
    return max(verdict["behaviour"], verdict["closing"], key=RANK.index)


def is_established(case):
    return any(alias.startswith("autobahn:") for alias in case["aliases"])


def cause_of(identifier):
    for cause in CAUSES:
        if any(fnmatch.fnmatchcase(identifier, pattern) for pattern in cause.patterns.split()):
            return cause
    return None


def short(reason):
    reason = reason.split("; close code 1001")[0].removeprefix("no opening handshake: ")
    reason = reason.replace("the server should have refused the opening handshake: ", "")
    return (reason[:117] + "…" if len(reason) > 118 else reason).replace("|", "\\|")


def counted(results, cases, established):
    totals = Counter(
        overall(result["verdict"]) for result in results
        if is_established(cases[result["caseID"]]) == established)
    return " | ".join(
        str(totals[grade]) for grade in ("pass", "acceptable", "unsupported", "fail"))


def page(run, versions):
    conformance = run["conformance"]
    cases = {case["id"]: case for case in conformance["cases"]}
    lines = [
        "| server | version | language | pass | acceptable | unsupported | fail "
        "| of the 517: pass | acceptable | unsupported | fail |",
        "|---|---|---|" + "---:|" * 8]
    found, unknown = OrderedDict((cause, {}) for cause in CAUSES), []
    for agent in conformance["agents"]:
        name = agent["name"]
        version, language = versions.get(name, ("", ""))
        lines.append(
            f"| {name} | {version} | {language} | {counted(agent['results'], cases, False)} "
            f"| {counted(agent['results'], cases, True)} |")
        for result in agent["results"]:
            case = cases[result["caseID"]]
            if overall(result["verdict"]) not in ("fail", "error") or is_established(case):
                continue
            if cause := cause_of(case["id"]):
                found[cause].setdefault(name, []).append((case, result["reason"]))
            else:
                unknown.append((name, case, result["reason"]))
    for cause, peers in found.items():
        if not peers:
            continue
        lines += ["", f"### {cause.title}", "", f"{cause.clause}. {cause.rule}", ""]
        lines += ["| server | cases | what it does | fault |", "|---|---|---|---|"]
        for name, items in peers.items():
            reasons = Counter(short(reason) for _, reason in items)
            names = " ".join(case["id"] for case, _ in items[:3])
            if len(items) > 3:
                names += f" and {len(items) - 3} more"
            lines.append(
                f"| {name} | {names} | {reasons.most_common(1)[0][0]} | {cause.fault} |")
    if unknown:
        lines += ["", "### Not judged yet", "", "| server | case | clause | what it does |",
                  "|---|---|---|---|"]
        lines += [f"| {name} | {case['id']} | {case['section']} | {short(reason)} |"
                  for name, case, reason in unknown]
    return "\n".join(lines) + "\n", len(unknown)


def findings(folder):
    """The page of the run in this folder, and how many failures have no cause."""
    run = json.loads((folder / "run.json").read_text())
    versions = {}
    for line in (folder / "versions.txt").read_text().splitlines():
        name, *version, language = line.split()
        versions[name] = (" ".join(version), language)
    return page(run, versions)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    print(findings(Path(sys.argv[1]))[0], end="")
