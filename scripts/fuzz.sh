#!/usr/bin/env bash
# Fuzzes every parser (or those named) for FUZZ_SECONDS each, with the address sanitizer.
# What is found is kept in .build-fuzz/findings/, what was learnt in .build-fuzz/corpus/.
# Usage: FUZZ_SECONDS=60 fuzz.sh [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-60}
targets=("$@")
[ ${#targets[@]} -gt 0 ] ||
  targets=(frames request-head response-head extensions inflate cases)

# Both sanitizers by one flag of the compiler: two --sanitize flags lose the coverage feedback. The
# build tools are linked with libFuzzer too, and keep their own main.
"${SWIFT:-swift}" build -c release --product fuzz --scratch-path .build-fuzz \
  --sanitize=fuzzer -Xswiftc -sanitize=fuzzer,address -Xswiftc -DLIBFUZZER -Xswiftc -use-ld=lld \
  -Xlinker -z -Xlinker muldefs -Xlinker --warn-unresolved-symbols
for target in "${targets[@]}"; do
  echo "== $target, $seconds s"
  corpus=.build-fuzz/corpus/$target
  mkdir -p "$corpus" ".build-fuzz/findings/$target"
  seeds=()
  [ "$target" != cases ] || seeds=(cases/*/)
  log=.build-fuzz/$target.log
  # Without the backtracer: a crash would hang in it.
  if ! SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$target .build-fuzz/release/fuzz \
    -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -verbosity=0 \
    -artifact_prefix=".build-fuzz/findings/$target/" "$corpus" "${seeds[@]}" >"$log" 2>&1; then
    grep -aE "Fatal|SUMMARY|artifact_prefix" "$log" >&2 || tail -n 20 "$log" >&2
    echo "fuzz: $target found something; the whole log is in $log" >&2
    exit 1
  fi
  grep -aoE "number_of_executed_units: *[0-9]+" "$log"
done
