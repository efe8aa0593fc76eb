#!/usr/bin/env bash
# Runs the tests with coverage and prints the lines covered, per room.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=$(command -v "${SWIFT:-swift}")
"$swift" test --disable-xctest --enable-code-coverage --scratch-path .build-coverage
profile=$(find .build-coverage -name default.profdata -print -quit)
tests=$(find .build-coverage -name 'GauntletPackageTests.xctest' -type f -print -quit)
# The toolchain's own llvm-cov: another version cannot read the profile.
"$(dirname "$(readlink -f "$swift")")/llvm-cov" report "$tests" -instr-profile "$profile" \
  -ignore-filename-regex '\.build|Tests/' |
  awk '/^Filename|^Sources|^cases|^TOTAL/ { printf "%-70s %8s\n", $1, $10 }'
