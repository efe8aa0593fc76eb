#!/usr/bin/env bash
# Runs the three lines for CI that the README has, each twice: where it passes, and where it fails.
# Usage: ci-examples.sh PROGRAM
set -uo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:?the gauntlet to run}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$program" "$folder/gauntlet"
export PATH=$folder:$PATH
failures=0

# expect CODE WHAT COMMAND…: says whether the command ends with this code.
expect() {
  local code=$1 what=$2
  shift 2
  timeout 300 "$@" >"$folder/output" 2>&1
  local found=$?
  if [ "$found" = "$code" ]; then
    echo "ok    $what: exit code $code"
  else
    echo "WRONG $what: exit code $found, expected $code"
    tail -n 20 "$folder/output" | sed 's/^/      | /'
    failures=$((failures + 1))
  fi
}

# A conformance gate.
gate() {
  gauntlet conform server --exec "gauntlet serve --port {port} $1" --tier smoke --out "$folder/$2"
}
# A load gate: errors and reach do not depend on how fast the machine is.
load() {
  gauntlet serve --port 0 --ready-file "$folder/ready" $1 2>/dev/null &
  local server=$!
  while [ ! -s "$folder/ready" ]; do sleep 0.1; done
  gauntlet load "$(cat "$folder/ready")" --warmup 200ms --duration 1s --connections 4 \
    --slo 'errors<0.1%,reach=100%' --out "$folder/$2"
  local code=$?
  kill "$server" && wait "$server" 2>/dev/null
  rm -f "$folder/ready"
  return "$code"
}
# Two builds, interleaved; the second one works on each message.
ab() {
  gauntlet ab --a 'gauntlet serve --port {port}' --b "gauntlet serve --port {port} $1" \
    --repeat 6 --warmup 50ms --duration 250ms --metrics cpu --min-effect "$2" --out "$folder/$3"
}
export -f gate load ab
export folder

expect 0 'conformance gate, an honest server' bash -c "gate '' conform-pass"
expect 1 'conformance gate, a server that takes unmasked frames' \
  bash -c "gate '--fault unmasked-frames-accepted' conform-fail"
expect 0 'load gate, an honest server' bash -c "load '' load-pass"
expect 1 'load gate, a server that replies twice' bash -c "load '--fault messages-twice' load-fail"
# One and the same build: only a change by more than half would count.
expect 0 'A/B, the same build' bash -c "ab '' 50% ab-pass"
expect 1 'A/B, a build that works 200 µs on each message' bash -c "ab '--work 200us' 2% ab-fail"

# The same through what the action and the GitLab template run.
export PROGRAM=$folder/gauntlet OUT=$folder/action GITHUB_OUTPUT=$folder/outputs
export GITHUB_STEP_SUMMARY=$folder/step.md
expect 0 'the action' env \
  ARGUMENTS="conform server --exec 'gauntlet serve --port {port}' --tier smoke --cases '5.5/*'" \
  bash templates/run.sh
grep -qx 'exit-code=0' "$folder/outputs" && [ -s "$folder/step.md" ] || {
  echo 'WRONG the action left no exit code or no summary'
  failures=$((failures + 1))
}
expect 1 'the action, a server with a fault' env \
  ARGUMENTS="conform server --exec 'gauntlet serve --port {port} --fault unmasked-frames-accepted' --tier smoke" \
  bash templates/run.sh

[ "$failures" = 0 ] || exit 1
