#!/usr/bin/env bash
# Makes dist/gauntlet: statically linked, stripped, one file that runs without Swift.
set -euo pipefail
cd "$(dirname "$0")/.."
"${SWIFT:-swift}" build -c release --product gauntlet --static-swift-stdlib \
  --scratch-path .build-dist -Xswiftc -static-executable
mkdir -p dist
strip -o dist/gauntlet .build-dist/release/gauntlet
printf 'dist/gauntlet: %d bytes, ' "$(stat -c %s dist/gauntlet)"
ldd dist/gauntlet 2>&1 | sed "s/^[[:space:]]*//" || true
