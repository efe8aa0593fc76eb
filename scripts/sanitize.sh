#!/usr/bin/env bash
# Runs the tests under the address and the thread sanitizer, each in a build folder of its own.
# For addresses the code is optimised, as it is shipped: memory that is let go of too early is so only there.
# For threads it is not, since an optimised array shares its memory in ways that the sanitizer does not see.
# Leak checking stays off: the test runner itself leaks.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
for sanitizer in address thread; do
  echo "== $sanitizer sanitizer"
  folder=.build-$sanitizer
  flags=(--sanitize="$sanitizer" --scratch-path "$folder")
  [ "$sanitizer" = thread ] || flags+=(-c release -Xswiftc -enable-testing)
  "$swift" build --build-tests --disable-xctest "${flags[@]}"
  preload=
  if [ "$sanitizer" = thread ]; then
    preload=$PWD/$folder/tsan_mutex.so
    "${CC:-clang}" -O2 -Wall -Wextra -fPIC -shared scripts/tsan_mutex.c -o "$preload"
  fi
  ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=halt_on_error=1 LD_PRELOAD=$preload \
    scripts/test.sh --skip-build "${flags[@]}" "$@"
done
