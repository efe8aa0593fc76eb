#!/usr/bin/env bash
# Makes the documentation of all libraries, in which a warning is an error, and of the server's library as
# a site for any web server: .build/documentation, or DOCUMENTATION=FOLDER.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${DOCUMENTATION:-.build/documentation}
rooms=(Deflate HTTP WebSocketProtocol Transport Reports WebSocketServer ServerLifecycle FaultyTwins
  CaseLanguage Conformance LoadTesting)
swift=${SWIFT:-swift}
# Without targets it would go on to the packages that we use, and their warnings.
"$swift" package generate-documentation "${rooms[@]/#/--target=}" \
  --warnings-as-errors --disable-indexing
mkdir -p "$folder"
"$swift" package --allow-writing-to-directory "$folder" generate-documentation \
  --target WebSocketServer --warnings-as-errors --disable-indexing \
  --transform-for-static-hosting --output-path "$folder"
echo "serve the folder $folder and open /documentation/websocketserver"
