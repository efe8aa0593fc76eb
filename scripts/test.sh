#!/usr/bin/env bash
# Runs the tests in three parts that would starve each other if they ran at once: what computes, what talks over
# sockets, what starts whole programs. What failed is told again at the end. Of a part, WIDTH tests run at a time: all
# at once, each would wait for the others for seconds, and they would have thousands of descriptors open.
# Usage: [PARTS="computing sockets programs"] [WIDTH=16] test.sh [FLAG of swift test]…
set -euo pipefail
swift=${SWIFT:-swift}
sockets='^(TransportTests|WebSocketServerTests|ConformanceTests|FaultyTwinsTests|LoadTestingTests)\.'
programs='^CommandLineTests\.'
width=(--experimental-maximum-parallelization-width "${WIDTH:-16}")
output=$(mktemp)
trap 'rm -f "$output"' EXIT

once=()
part() {
  if "$swift" test --disable-xctest "${width[@]}" "${once[@]}" "$@" 2>&1 | tee "$output"; then
    once=(--skip-build)
    return
  fi
  echo
  echo "What failed:"
  grep -aE '✘ Test|error:' "$output" | cut -c 1-400 | tail -n 20
  exit 1
}

for name in ${PARTS:-computing sockets programs}; do
  case $name in
    computing) part --skip "$sockets" --skip "$programs" "$@" ;;
    sockets) part --filter "$sockets" "$@" ;;
    programs) part --filter "$programs" "$@" ;;
    *) echo "PARTS: $name is none of computing, sockets and programs" >&2; exit 2 ;;
  esac
done
