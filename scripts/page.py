#!/usr/bin/env python3
"""Looks at the page of a great run: 20 agents, 1,000 cases, in headless Chromium.

    scripts/page.py --gauntlet .build/release/gauntlet --out reports/page

Says how large the page is, how long it takes from the navigation to the end of its load event, and
what axe-core (from PyPI's axe-core-python, if it can be had) finds against it; screenshots go to
--out: wide, narrow, dark, and as a printed PDF. Ends with 1 if the page is over 10 MB, takes over 2 s,
or breaks a rule of axe-core's for WCAG 2.1 A and AA; with 3 if there is no Chromium.
"""

import argparse
import html
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "Tests/ReportsTests/Fixtures/runs/schema-1-2026-11.json"
LIMITS = {"bytes": 10_000_000, "milliseconds": 2000}


def great_run(agents, cases):
    """The kept sample, made great: every twentieth result fails, with its transcript."""
    run = json.loads(SAMPLE.read_text())
    conformance = run["conformance"]
    patterns, results = conformance["cases"][:6], conformance["agents"][0]["results"]
    failing = next(result for result in results if result["verdict"]["behaviour"] == "fail")
    passing = next(result for result in results if result["verdict"]["behaviour"] == "pass")
    passing = {**passing, "transcript": []}
    for result in (failing, passing):
        result.pop("knownFailure", None)
        result.pop("unexpected", None)
    conformance["cases"] = [
        {**patterns[index % 6], "id": f"group-{index // 50}/case-{index}",
         "aliases": [f"autobahn:{index // 50}.{index % 50}"], "section": f"RFC 6455 §5.{index // 50}"}
        for index in range(cases)]
    agent = {**conformance["agents"][0], "troubles": []}
    conformance["agents"] = [
        {**agent, "name": f"server {number}", "results": [
            {**(failing if (index + 7 * number) % 20 == 0 else passing), "caseID": case["id"]}
            for index, case in enumerate(conformance["cases"])]}
        for number in range(agents)]
    return run


def chromium(*words, timeout=180):
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        print("page: there is no chromium here: apt-get install chromium", file=sys.stderr)
        sys.exit(3)
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               "--virtual-time-budget=20000", *map(str, words)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    return result.stdout


def evaluate(page, folder, scripts):
    """What a script at the end of a copy of the page puts into the title."""
    text = page.read_text()
    # The page forbids scripts from elsewhere and eval, which axe-core needs; the copy does not.
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    copy = folder / "probe.html"
    joined = "".join(f"<script>{script}</script>" for script in scripts)
    copy.write_text(text.replace("</body>", joined + "</body>"))
    output = chromium("--dump-dom", copy.resolve().as_uri())
    copy.unlink()
    match = re.search(r"<title>PROBE(.*?)</title>", output, re.S)
    if match is None:
        raise RuntimeError("the probe in the page gave no answer")
    return json.loads(html.unescape(match.group(1)))


TIMING = """addEventListener("load",function(){setTimeout(function(){
var t=performance.getEntriesByType("navigation")[0];
document.title="PROBE"+JSON.stringify({load:t.loadEventEnd,interactive:t.domInteractive})},0)})"""

RULES = """addEventListener("load",function(){axe.run(document,{runOnly:["wcag2a","wcag2aa","wcag21a",
"wcag21aa"]}).then(function(r){document.title="PROBE"+JSON.stringify({passes:r.passes.length,
violations:r.violations.map(function(v){return{id:v.id,help:v.help,count:v.nodes.length,
first:v.nodes[0].html.slice(0,160)}})})})})"""


def axe(folder):
    """The source of axe-core, or nothing."""
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", str(folder),
                    "axe-core-python"], capture_output=True, timeout=300)
    for wheel in folder.glob("axe_core_python*.whl"):
        with zipfile.ZipFile(wheel) as files:
            for name in files.namelist():
                if name.endswith("axe.min.js"):
                    return files.read(name).decode()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=str(ROOT / ".build/release/gauntlet"))
    parser.add_argument("--out", default=str(ROOT / "reports/page"))
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--page", help="look at this page instead")
    arguments = parser.parse_args()
    folder = Path(arguments.out)
    folder.mkdir(parents=True, exist_ok=True)
    page = Path(arguments.page) if arguments.page else folder / "index.html"
    if not arguments.page:
        (folder / "great.json").write_text(json.dumps(great_run(arguments.agents, arguments.cases)))
        subprocess.run([arguments.gauntlet, "report", folder / "great.json", "--out", folder,
                        "--quiet"], check=True, stdout=subprocess.DEVNULL)
    size = page.stat().st_size
    timing = evaluate(page, folder, [TIMING])
    print(f"{size / 1e6:.2f} MB; loaded after {timing['load']:.0f} ms, "
          f"interactive after {timing['interactive']:.0f} ms")
    isGood = size <= LIMITS["bytes"] and timing["load"] <= LIMITS["milliseconds"]
    source = axe(folder)
    if source is None:
        print("SKIPPED: axe-core cannot be had from PyPI")
    else:
        found = evaluate(page, folder, [source, RULES])
        isGood = isGood and not found["violations"]
        print(f"axe-core: {found['passes']} rules passed, {len(found['violations'])} broken")
        for violation in found["violations"]:
            print(f"  {violation['id']}: {violation['help']}, {violation['count']} times: "
                  f"{violation['first']}")
    address = page.resolve().as_uri()
    for name, flags in {
        "wide": ["--window-size=1400,1600"], "narrow": ["--window-size=500,1600"],
        "dark": ["--window-size=1400,1600", "--force-dark-mode", "--blink-settings=preferredColorScheme=0"],
    }.items():
        chromium(f"--screenshot={folder / name}.png", *flags, address)
    chromium(f"--print-to-pdf={folder / 'printed.pdf'}", "--no-pdf-header-footer", address)
    print(f"{folder}: wide.png, narrow.png, dark.png, printed.pdf")
    sys.exit(0 if isGood else 1)


if __name__ == "__main__":
    main()
