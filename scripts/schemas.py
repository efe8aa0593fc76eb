#!/usr/bin/env python3
"""Validates what gauntlet writes against published schemas and real readers, hostile text included.

Takes the runs that are kept for the tests, puts hostile text (NUL, halves of surrogate pairs, ]]>,
</script>, names of 1 MB) in the place of everything that a peer or a user chooses, renders each with
`gauntlet report`, `compare` and `history`, and validates every file:

    run.json, comparison.json, history.json, doctor   JSON Schema (Documentation/*.schema.json)
    junit.xml         the XSD of Jenkins, as pytest's sources have it; without it only a strict parser
    results.sarif     pydantic-sarif, which is made from OASIS's schema
    ctrf.json         the rules of its specification, written below; --ctrf-schema FILE: its schema
    results.jsonl, bmf.json, intervals.csv, results.tap, index.html    rules written below
    metrics.om        prometheus-client's parser of OpenMetrics
    latency.hlog      hdrhistogram's reader, and its percentiles against those in run.json

Readers come from PyPI into .build/schemas. What cannot be had is told as SKIPPED. Ends with 1 if
anything does not validate.
"""

import argparse
import copy
import csv
import html.parser
import io
import json
import math
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "Tests/ReportsTests/Fixtures/runs"
DOCUMENTATION = ROOT / "Documentation"
PACKAGES = ["jsonschema", "lxml", "pydantic-sarif", "prometheus-client", "hdrhistogram"]

HOSTILE = {
    "NUL and controls": "a\0b\x01\x1b[2Jc\x7f",
    "half a surrogate pair": "a\ud800b\udfffc",
    "the end of CDATA": "a]]>b<![CDATA[c",
    "the end of a script": "</script><script>alert(1)</script><!--<script>",
    "what XML forbids": "a\ufffe\uffff\u2028\u202eb\x85",
    "quotes and formulas": "=1+1\",'`|;--><b a=\"",
    "1 MB": "<é" * 350_000,
}
# Members whose text is free: what peers send and users write.
FREE = {"title", "reason", "expected", "received", "why", "sectionTitle", "script", "notation", "url",
        "replay", "serverHeader", "aliasDescription", "aliasExpectation", "value", "example", "result",
        "resultClose", "knownFailure", "unexpected", "capture", "branch", "httpRequest", "httpResponse",
        "operatingSystem", "processor", "localCloseReason", "remoteCloseReason", "wasNotCleanReason"}
NAMED = ("agents", "load")


def hostile(node, text, parent=""):
    """A copy of a run in which everything free is `text`."""
    if isinstance(node, list):
        return [hostile(item, text, parent) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {}
    for key, value in node.items():
        if isinstance(value, str) and key in FREE:
            changed[key] = text
        elif isinstance(value, str) and key == "name" and parent in NAMED:
            changed[key] = text
        elif isinstance(value, str) and key in ("id", "caseID") and parent in ("cases", "results"):
            changed[key] = value + text
        elif key in ("commandLine", "troubles", "remarks"):
            changed[key] = [text]
        else:
            changed[key] = hostile(value, text, key)
    return changed


class Report:
    def __init__(self):
        self.failures, self.passed, self.skipped = [], {}, {}

    def check(self, name, scene, body):
        try:
            body()
            self.passed[name] = self.passed.get(name, 0) + 1
        except Skipped as reason:
            self.skipped[name] = str(reason)
        except Exception as error:  # Whatever a reader throws is the finding.
            words = f"{type(error).__name__}: {error}".splitlines()[0][:300]
            self.failures.append(f"{name} ({scene}): {words}")

    def end(self):
        for name, count in sorted(self.passed.items()):
            print(f"ok       {name}: {count} documents")
        for name, reason in sorted(self.skipped.items()):
            print(f"SKIPPED  {name}: {reason}")
        for failure in self.failures:
            print(f"WRONG    {failure}")
        sys.exit(1 if self.failures else 0)


class Skipped(Exception):
    pass


def environment():
    """Starts again inside a virtual environment that has the readers, as far as they can be had."""
    folder = ROOT / ".build/schemas"
    python = folder / "bin/python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    for package in PACKAGES:
        known = subprocess.run([python, "-m", "pip", "show", "-q", package], capture_output=True)
        if known.returncode != 0:
            subprocess.run([python, "-m", "pip", "install", "-q", package], capture_output=True,
                           timeout=300)
    arguments = [python, __file__, "--inside"] + sys.argv[1:]
    sys.exit(subprocess.run(arguments).returncode)


def module(name, package):
    try:
        return __import__(name, fromlist=["_"])
    except ImportError:
        raise Skipped(f"the package {package} cannot be had") from None


def junit_schema():
    """The XSD, out of pytest's sources."""
    folder = ROOT / ".build/schemas"
    path = folder / "junit-10.xsd"
    if path.exists():
        return path
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:",
               "--dest", str(folder), "pytest==8.3.4"]
    try:
        subprocess.run(command, capture_output=True, timeout=300)
    except subprocess.TimeoutExpired:
        return None
    for archive in folder.glob("pytest-*.tar.gz"):
        with tarfile.open(archive) as sources:
            for member in sources:
                if member.name.endswith("/junit-10.xsd"):
                    path.write_bytes(sources.extractfile(member).read())
                    return path
    return None


def schema_check(document, name):
    jsonschema = module("jsonschema", "jsonschema")
    schema = json.loads((DOCUMENTATION / f"{name}.schema.json").read_text())
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    validator(schema, format_checker=jsonschema.FormatChecker()).validate(document)


def junit_check(octets):
    etree = module("lxml.etree", "lxml")
    tree = etree.fromstring(octets, etree.XMLParser(huge_tree=True))
    path = junit_schema()
    if path is None:
        raise Skipped("pytest's sources cannot be had; parsed, but not validated")
    etree.XMLSchema(etree.parse(str(path))).assertValid(tree)


def sarif_check(text):
    sarif = module("pydantic_sarif.model", "pydantic-sarif")
    sarif.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate_json(text)


def ctrf_check(text, schema):
    document = json.loads(text)
    if schema:
        module("jsonschema", "jsonschema").validate(document, json.loads(Path(schema).read_text()))
    results, kinds = document["results"], ("passed", "failed", "skipped", "pending", "other")
    assert document["reportFormat"] == "CTRF" and document["specVersion"].count(".") == 2
    assert isinstance(results["tool"]["name"], str) and results["tool"]["name"]
    summary = results["summary"]
    assert all(isinstance(summary[kind], int) for kind in kinds + ("tests", "start", "stop"))
    assert summary["tests"] == len(results["tests"]) == sum(summary[kind] for kind in kinds)
    for test in results["tests"]:
        assert test["name"] and test["status"] in kinds and test["duration"] >= 0
    for kind in kinds:
        assert summary[kind] == sum(test["status"] == kind for test in results["tests"])


def lines_check(text):
    assert text.endswith("\n") and all(isinstance(json.loads(line), dict)
                                       for line in text.splitlines())


def tap_check(text):
    lines = [line for line in text.split("\n") if line and not line.startswith(" ")]
    assert lines[0] == "TAP version 14"
    plan = next(line for line in lines if line.startswith("1.."))
    results = [line for line in lines if line.startswith(("ok ", "not ok "))]
    assert int(plan[3:].split()[0]) == len(results) > 0
    assert [int(line.removeprefix("not ").split()[1]) for line in results] == \
        list(range(1, len(results) + 1))


def csv_check(octets):
    csv.field_size_limit(10_000_000)
    rows = list(csv.reader(io.StringIO(octets.decode(), newline="")))
    assert len(rows) > 1 and all(len(row) == len(rows[0]) for row in rows)


def bmf_check(text):
    for benchmark, measures in json.loads(text).items():
        assert benchmark and measures
        for slug, measure in measures.items():
            assert slug.replace("-", "").isalnum() and slug.islower()
            assert isinstance(measure["value"], (int, float))
            assert set(measure) <= {"value", "lower_value", "upper_value"}


def metrics_check(text):
    parser = module("prometheus_client.openmetrics.parser", "prometheus-client")
    families = list(parser.text_string_to_metric_families(text))
    assert {"gauntlet_cases", "gauntlet_latency_seconds"} <= {family.name for family in families}


def histogram_check(path, run):
    log = module("hdrh.log", "hdrhistogram")
    histogram = module("hdrh.histogram", "hdrhistogram")
    expected = [record["histogram"] for load in run["load"]
                for record in load["latencies"] + load["setUp"]]
    total = histogram.HdrHistogram(1, 3_600_000_000_000, 3)
    reader = log.HistogramLogReader(str(path), total)
    found = []
    while (next_one := reader.get_next_interval_histogram()) is not None:
        found.append(next_one)
    assert len(found) == len(expected), f"{len(found)} of {len(expected)} histograms"
    for one, other in zip(found, expected):
        assert one.get_total_count() == other["count"]
        for point in other["percentiles"]:
            # A bucket may end beyond the greatest value, which we know and the file does not say.
            value = at_percentile(one, point["percentile"])
            assert value == one.get_highest_equivalent_value(point["nanoseconds"]), f"{point}, not {value}"


def at_percentile(histogram, percentile):
    """As HdrHistogram has it in Java, which rounds the rank up; the package's own rounds to the nearest."""
    rank = max(1, math.ceil(math.nextafter(percentile, 0) * histogram.get_total_count() / 100))
    reached = 0
    for index in range(histogram.counts_len):
        reached += histogram.get_count_at_index(index)
        if reached >= rank:
            return histogram.get_highest_equivalent_value(histogram.get_value_from_index(index))
    return 0


class Page(html.parser.HTMLParser):
    """Counts elements; a hostile one would be more than those of the page of a harmless run."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.counts = {}
        self.handlers = 0

    def handle_starttag(self, tag, attributes):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.handlers += sum(name.startswith("on") for name, _ in attributes)


def page_check(text, plain):
    page, harmless = Page(), Page()
    page.feed(text)
    harmless.feed(plain)
    assert page.handlers == 0
    for tag in ("script", "style", "meta", "img", "iframe", "object", "link", "b", "form"):
        assert page.counts.get(tag, 0) == harmless.counts.get(tag, 0), tag


def kept_check(before, after):
    """What was free is in run.json as it was, but for what no text can hold."""
    def clean(text):
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character
                       for character in text)
    expected = clean(before["conformance"]["agents"][0]["results"][0]["reason"])
    assert after["conformance"]["agents"][0]["results"][0]["reason"] == expected


def gauntlet(program, *words, codes=(0, 1)):
    result = subprocess.run([program, *map(str, words)], capture_output=True, timeout=300)
    if result.returncode not in codes:
        raise RuntimeError(f"gauntlet {words[0]} ended with {result.returncode}: "
                           f"{result.stderr.decode(errors='replace').strip()[:200]}")
    return result.stdout


def render(report, arguments, scene, run, folder, plain):
    """Renders a run and checks every file; gives its page."""
    program, out = arguments.gauntlet, folder / "out"
    source = folder / "source.json"
    source.write_text(json.dumps(run))
    gauntlet(program, "report", source, "--out", out, "--quiet")
    gauntlet(program, "report", source, "--out", out, "--quiet")
    (folder / "history").mkdir()
    (folder / "history/one.json").write_text(json.dumps(run))

    def text(name):
        return (out / name).read_bytes().decode()

    written = json.loads(text("run.json"))
    checks = {
        "run.json": lambda: (schema_check(written, "run"), kept_check(run, written)),
        "junit.xml": lambda: junit_check((out / "junit.xml").read_bytes()),
        "results.sarif": lambda: sarif_check(text("results.sarif")),
        "ctrf.json": lambda: ctrf_check(text("ctrf.json"), arguments.ctrf_schema),
        "results.jsonl": lambda: lines_check(text("results.jsonl")),
        "results.tap": lambda: tap_check(text("results.tap")),
        "intervals.csv": lambda: csv_check((out / "intervals.csv").read_bytes()),
        "bmf.json": lambda: bmf_check(text("bmf.json")),
        "metrics.om": lambda: metrics_check(text("metrics.om")),
        "latency.hlog": lambda: histogram_check(out / "latency.hlog", written),
        "index.html": lambda: page_check(text("index.html"), plain or text("index.html")),
        "comparison.json": lambda: schema_check(json.loads(gauntlet(
            program, "compare", source, source, "--force", "--json", "-", codes=(0, 1, 3))),
            "comparison"),
        "history.json": lambda: schema_check(json.loads(gauntlet(
            program, "history", folder / "history", "--json", "-")), "history"),
    }
    for name, body in checks.items():
        report.check(name, scene, body)
    return text("index.html")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=str(ROOT / ".build/release/gauntlet"))
    parser.add_argument("--ctrf-schema", metavar="FILE")
    parser.add_argument("--short", action="store_true",
                        help="leave out the names of 1 MB, which take a build for debugging minutes")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not Path(arguments.gauntlet).is_file():
        parser.error(f"{arguments.gauntlet} is not there: make build, or name it with --gauntlet")
    if not arguments.inside:
        environment()
    report = Report()
    for sample in sorted(SAMPLES.glob("*.json")):
        run = json.loads(sample.read_text())
        with tempfile.TemporaryDirectory() as folder:
            plain = render(report, arguments, sample.name, run, Path(folder), None)
        for scene, text in HOSTILE.items():
            if arguments.short and len(text) > 100_000:
                continue
            with tempfile.TemporaryDirectory() as folder:
                changed = hostile(copy.deepcopy(run), text)
                if len(text) > 100_000:
                    # One of each is enough: a run of hundreds of MB is no finding.
                    changed = copy.deepcopy(run)
                    changed["title"] = changed["load"][0]["name"] = text
                    agent = changed["conformance"]["agents"][0]
                    agent["name"] = agent["results"][0]["reason"] = text
                render(report, arguments, f"{sample.name}, {scene}", changed, Path(folder), plain)
    report.check("doctor", "this machine", lambda: schema_check(json.loads(gauntlet(
        arguments.gauntlet, "doctor", "--duration", "50ms", "--json", "-")), "doctor"))
    report.end()


if __name__ == "__main__":
    main()
