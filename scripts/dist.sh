#!/usr/bin/env bash
# Makes dist/gauntlet: statically linked, stripped, one file that runs without Swift.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
build=.build-dist/release

# Rooms where nothing is hot are made small, see Package.swift.
GAUNTLET_DIST=1 "$swift" build -c release --product gauntlet --static-swift-stdlib \
  --scratch-path .build-dist -Xswiftc -static-executable

# Linked once more without tables to unwind by, neither ours nor those of the libraries: nothing throws, as Swift's
# errors are returned, and stacks are walked by frame pointers. The C library keeps its own, because pthread_exit, by
# which the main thread ends, unwinds as far as there are tables.
bare=.build-dist/bare
rm -rf "$bare"
mkdir -p "$bare" dist
number=0
while IFS= read -r object; do
  number=$((number + 1))
  objcopy --remove-section .eh_frame "$object" "$bare/$number.o"
done < <(tr -d "'\"" < "$build/gauntlet.product/Objects.LinkFileList")
resources=$("${swift}c" -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
for name in swiftCore swift_Concurrency swift_StringProcessing swift_RegexParser swiftSynchronization \
  FoundationEssentials _FoundationCollections dispatch swiftDispatch ssl crypto; do
  library=${resources}_static/linux/lib$name.a
  [ -f "$library" ] || library=$("${CC:-clang}" -print-file-name="lib$name.a")
  objcopy --remove-section .eh_frame "$library" "$bare/lib$name.a"
done
printf '%s\n' "$bare"/*.o "$bare"/*.a > "$bare/list"
"${swift}c" -emit-executable -o .build-dist/gauntlet @"$bare/list" \
  -static-stdlib -static-executable -use-ld=lld -Xlinker --gc-sections \
  -Xlinker --defsym -Xlinker main=gauntlet_main -lz -lm
strip -o dist/gauntlet .build-dist/gauntlet

# It serves, and it plays cases.
env -i dist/gauntlet conform server --exec "'$PWD/dist/gauntlet' serve --port {port}" \
  --tier smoke > .build-dist/check.txt || { cat .build-dist/check.txt; exit 1; }
printf 'dist/gauntlet: %d bytes, ' "$(stat -c %s dist/gauntlet)"
ldd dist/gauntlet 2>&1 | sed "s/^[[:space:]]*//" || true
