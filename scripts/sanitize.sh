#!/usr/bin/env bash
# Runs the tests under the address and the thread sanitizer, each in a build folder of its own.
# For addresses the code is optimised, as it is shipped: memory that is let go of too early is so only there.
# For threads it is not, since an optimised array shares its memory in ways that the sanitizer does not see; but
# the tests that start hundreds of programs would take hours so, and have the optimised ones.
# Unoptimised they run one after the other: what computes would keep others waiting until their peers give up.
# Leak checking stays off: the test runner itself leaks.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
optimised=(-c release -Xswiftc -enable-testing)

# Usage: tests SANITIZER "PARTS of test.sh" HOW FLAG…
tests() {
  local sanitizer=$1 parts=$2 how=$3 folder=.build-$1 preload=
  shift 3
  echo "== $sanitizer sanitizer: $parts"
  local flags=(--sanitize="$sanitizer" --scratch-path "$folder" "$@")
  "$swift" build --build-tests --disable-xctest "${flags[@]}"
  if [ "$sanitizer" = thread ]; then
    preload=$PWD/$folder/tsan_mutex.so
    "${CC:-clang}" -O2 -Wall -Wextra -fPIC -shared scripts/tsan_mutex.c -o "$preload"
  fi
  ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=1 LD_PRELOAD=$preload PARTS=$parts \
    scripts/test.sh --skip-build "$how" "${flags[@]}"
}

tests address "computing sockets programs" --parallel "${optimised[@]}"
tests thread "computing sockets" --no-parallel
tests thread "programs" --parallel "${optimised[@]}"
