#!/usr/bin/env bash
# Makes dist/gauntlet: statically linked, stripped, one file that runs without Swift.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
build=.build-dist/release

# Rooms where nothing is hot are made small, see Package.swift.
GAUNTLET_DIST=1 "$swift" build -c release --product gauntlet --static-swift-stdlib \
  --scratch-path .build-dist -Xswiftc -static-executable

# Linked once more without our unwind tables: nothing unwinds through Swift code, whose errors are
# returned, and whose stacks are walked by frame pointers. The libraries keep theirs.
objects=.build-dist/objects
rm -rf "$objects"
mkdir -p "$objects" dist
number=0
while IFS= read -r object; do
  number=$((number + 1))
  objcopy --remove-section .eh_frame "$object" "$objects/$number.o"
done < <(tr -d "'\"" < "$build/gauntlet.product/Objects.LinkFileList")
printf '%s\n' "$objects"/*.o > "$objects/list"
"${swift}c" -emit-executable -o .build-dist/gauntlet @"$objects/list" \
  -static-stdlib -static-executable -use-ld=lld -Xlinker --gc-sections \
  -Xlinker --defsym -Xlinker main=gauntlet_main -lssl -lcrypto -lz -lm

strip -o dist/gauntlet .build-dist/gauntlet
printf 'dist/gauntlet: %d bytes, ' "$(stat -c %s dist/gauntlet)"
ldd dist/gauntlet 2>&1 | sed "s/^[[:space:]]*//" || true
