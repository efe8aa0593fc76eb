#!/usr/bin/env bash
# Runs all tests, in three parts that would starve each other if they ran at once: what computes,
# what talks over sockets, what starts whole programs. What failed is told again at the end.
# Usage: test.sh [FLAG of swift test]…
set -euo pipefail
swift=${SWIFT:-swift}
sockets='^(TransportTests|WebSocketServerTests|ConformanceTests|FaultyTwinsTests|LoadTestingTests)\.'
programs='^CommandLineTests\.'
output=$(mktemp)
trap 'rm -f "$output"' EXIT

part() {
  "$swift" test --disable-xctest "$@" 2>&1 | tee "$output" && return
  echo
  echo "What failed:"
  grep -aE '✘ Test|error:' "$output" | cut -c 1-400 | tail -n 20
  exit 1
}

part --skip "$sockets" --skip "$programs" "$@"
part --filter "$sockets" --skip-build "$@"
part --filter "$programs" --skip-build "$@"
