#!/usr/bin/env python3
"""Tests real WebSocket servers, from Debian's packages and PyPI, into one report.

  make interop                                          all of them, tier standard: reports/interop/
  make interop INTEROPFLAGS="--only ws,gorilla --tier full"

Each is a small echo program in peers/, with permessage-deflate where its library has it, and with a
limit of 32 MiB for messages where the library's own is lower (a limit is no fault: RFC 6455 §10.4).
What is missing is installed (apt-get, pip in an environment of its own); what cannot be had is left
out, with a line that says so.

findings.md, in the same folder, groups what was wrong by cause (causes.py), with the clause and who is
at fault.

Exit codes: 0 if every failure outside the 517 established cases has a cause that is known, 1 if one
has none, 2 for wrong use, 3 if not one server could be tested or the time was up.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from findings import findings
from libraries import PEERS

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / ".build" / "interop"
PYTHON = BUILD / "python"


class Unavailable(Exception):
    """A library cannot be had on this machine."""


def run(command, seconds=600, **options):
    """The output of a command; Unavailable with the last line it said if it fails."""
    try:
        done = subprocess.run(
            command, shell=isinstance(command, str), text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, **options)
    except FileNotFoundError:
        raise Unavailable(f"no {command[0]} here") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"took more than {seconds} s: {command}") from None
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if "rror" in line] \
            or done.stdout.splitlines() or [f"exit code {done.returncode}"]
        raise Unavailable(lines[0].strip())
    return done.stdout.strip()


# What a machine needs

def debian_version(package):
    """Of a package that is installed; None of one that is not."""
    try:
        status, _, version = run(
            ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package]).partition(" ")
    except Unavailable:
        return None
    return version if status == "installed" else None


def install_debian(packages):
    """Installs what is missing; what cannot be had stays missing, and its peers are left out."""
    missing = [package for package in packages if not debian_version(package)]
    if not missing:
        return
    if not shutil.which("apt-get"):
        print(f"interop: missing {' '.join(missing)}, and no apt-get here: install them by hand")
        return
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    if os.geteuid():
        command = ["sudo", "-n", *command]
    print(f"interop: installing {' '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        run([*command[:command.index("install")], "update", "-qq"], env=environment)
    except Unavailable as reason:
        print(f"interop: apt-get update: {reason}")
    try:
        run([*command, *missing], seconds=1800, env=environment)
        return
    except Unavailable:
        pass
    for package in missing:  # one that is not to be had must not keep the others out
        try:
            run([*command, package], seconds=1800, env=environment)
        except Unavailable as reason:
            print(f"interop: {package}: {reason}")


def install_python(packages):
    """An environment of its own for what comes from PyPI."""
    try:
        if not (PYTHON / "bin" / "pip").exists():
            run([sys.executable, "-m", "venv", "--clear", PYTHON])
        missing = [package for package in packages
                   if python_version(package) != package.partition("==")[2]]
        if missing:
            print(f"interop: installing {' '.join(missing)} from PyPI", flush=True)
        pip = [PYTHON / "bin/pip", "install", "-q", "--disable-pip-version-check"]
        try:
            if missing:
                run([*pip, *missing])
            return
        except Unavailable:
            pass
        for package in missing:  # one that is not to be had must not keep the others out
            try:
                run([*pip, package])
            except Unavailable as reason:
                print(f"interop: {package}: {reason}")
    except Unavailable as reason:
        print(f"interop: no Python environment: {reason}")


def python_version(package):
    """Of a package (NAME==VERSION) in that environment; None of one that is not there."""
    program = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    try:
        return run([PYTHON / "bin/python", "-c", program, package.partition("==")[0]])
    except Unavailable:
        return None


# The peers

def newest_source():
    """When a peer's program or the way it is built was last changed."""
    return max(path.stat().st_mtime for path in [HERE / "libraries.py", *HERE.glob("peers/**/*")])


def prepare(peer):
    """Builds a peer and answers its version."""
    versions = []
    for package in peer.pypi:
        versions.append(python_version(package))
        if not versions[-1]:
            raise Unavailable(f"{package} of PyPI is not here")
    for package in peer.debian:
        versions.append(debian_version(package))
        if not versions[-1]:
            raise Unavailable(f"Debian's {package} is not here")
    stamp = BUILD / f"{peer.name}.built"
    if peer.build and not (stamp.exists() and stamp.stat().st_mtime > newest_source()):
        environment = {
            **os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOPATH": "/usr/share/gocode",
            "GOCACHE": str(BUILD / "go-cache")}
        run(peer.build, cwd=BUILD, env=environment)
        stamp.touch()
    return versions[0]


def chosen(names):
    """The peers of these names, in the table's order."""
    if not names:
        return PEERS
    known = {peer.name for peer in PEERS}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            print(f"interop: no peer '{name}': one of {', '.join(sorted(known))}",
                  file=sys.stderr)
            sys.exit(2)
    return [peer for peer in PEERS if peer.name in wanted]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", required=True, help="the program")
    parser.add_argument("--only", metavar="NAMES", help="these peers, with commas between them")
    parser.add_argument("--tier", default="standard", choices=["smoke", "standard", "full"])
    parser.add_argument("--out", default="reports/interop", metavar="DIR")
    parser.add_argument("--minutes", type=int, default=60, help="the run ends by then")
    parser.add_argument("--list", action="store_true", help="list the peers and do nothing")
    arguments, more = parser.parse_known_args()
    peers = chosen(arguments.only)
    if arguments.list:
        for peer in peers:
            print(f"{peer.name:15} {peer.language:11} {' '.join(peer.debian + peer.pypi)}")
        return 0

    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "peers").unlink(missing_ok=True)
    (BUILD / "peers").symlink_to(HERE / "peers")
    install_debian(dict.fromkeys(package for peer in peers for package in peer.debian))
    install_python(dict.fromkeys(package for peer in peers for package in peer.pypi))

    lines, versions = [], []
    for peer in peers:
        try:
            versions.append(f"{peer.name} {prepare(peer)} {peer.language}")
            lines.append(f"{peer.name} = cd {BUILD} && {peer.run}")
        except Unavailable as reason:
            print(f"interop: left out: {peer.name}: {reason}")
    if not lines:
        print("interop: no server to test", file=sys.stderr)
        return 3
    print(f"interop: {len(lines)} servers in {len({v.split()[-1] for v in versions})} languages:")
    print("".join(f"  {line}\n" for line in versions), end="", flush=True)

    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "versions.txt").write_text("".join(line + "\n" for line in versions))
    (BUILD / "peers.txt").write_text("".join(line + "\n" for line in lines))
    command = [
        arguments.gauntlet, "conform", "server", "--peers", BUILD / "peers.txt",
        "--tier", arguments.tier, "--out", out, *more]
    gauntlet = subprocess.Popen(command)
    try:
        status = gauntlet.wait(arguments.minutes * 60)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        gauntlet.send_signal(signal.SIGINT)  # it writes what it has
        gauntlet.wait(60)
        print(f"interop: stopped after {arguments.minutes} minutes")
        status = 3
    if status not in (0, 1) and not (out / "run.json").exists():
        return 3
    page, unjudged = findings(out)
    (out / "findings.md").write_text(page)
    print(f"interop: {unjudged} failures without a known cause: {out / 'findings.md'}")
    return 3 if status not in (0, 1) else min(unjudged, 1)


if __name__ == "__main__":
    sys.exit(main())
