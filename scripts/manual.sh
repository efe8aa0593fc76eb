#!/usr/bin/env bash
# Makes man pages and shell completions from the program's own help: dist/man, dist/completions.
# Usage: manual.sh PROGRAM    CONFIGURATION=debug: as it was built
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
rm -rf dist/man dist/completions
mkdir -p dist/man/man1 dist/completions
# The generator of swift-argument-parser comes as a plugin; its work ends in the build folder.
"${SWIFT:-swift}" package plugin generate-manual --multi-page \
  --configuration "${CONFIGURATION:-release}" >/dev/null
for page in .build/plugins/GenerateManual/outputs/gauntlet/*.1; do
  name=${page##*/}
  name=${name%.1}
  # As man finds it for "man gauntlet load".
  cp "$page" "dist/man/man1/${name//./-}.1"
done
"$program" --generate-completion-script bash >dist/completions/gauntlet.bash
"$program" --generate-completion-script zsh >dist/completions/_gauntlet
"$program" --generate-completion-script fish >dist/completions/gauntlet.fish
echo "dist/man/man1: $(ls dist/man/man1 | wc -l) pages; dist/completions: bash, zsh, fish"
