#!/usr/bin/env bash
# Installs the program, its man pages and completions below PREFIX; DESTDIR goes before it.
# Usage: install.sh PROGRAM PREFIX
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
prefix=${DESTDIR:-}$2
install -D -m 755 "$program" "$prefix/bin/gauntlet"
for page in dist/man/man1/*.1; do
  install -D -m 644 "$page" "$prefix/share/man/man1/${page##*/}"
done
install -D -m 644 dist/completions/gauntlet.bash "$prefix/share/bash-completion/completions/gauntlet"
install -D -m 644 dist/completions/_gauntlet "$prefix/share/zsh/site-functions/_gauntlet"
install -D -m 644 dist/completions/gauntlet.fish "$prefix/share/fish/vendor_completions.d/gauntlet.fish"
echo "installed below $prefix"
