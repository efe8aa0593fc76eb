#!/usr/bin/env bash
# Runs the tests under the address and the thread sanitizer, each in a build folder of its own.
# Leak checking stays off: the test runner itself leaks.
set -euo pipefail
cd "$(dirname "$0")/.."
for sanitizer in address thread; do
  echo "== $sanitizer sanitizer"
  ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=1 \
    "${SWIFT:-swift}" test --disable-xctest --sanitize="$sanitizer" \
    --scratch-path ".build-$sanitizer" "$@"
done
