#!/usr/bin/env bash
# The main job: the reference server on loopback (plain and TLS), the 517 cases over both, a load run
# over both, one page of it all.
# Usage: run.sh GAUNTLET [REPORTS]
set -euo pipefail
cd "$(dirname "$0")/.."
gauntlet=$1
reports=${2:-reports}
duration=${LOAD_DURATION:-5s}

work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
  -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
  -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null

"$gauntlet" serve --listen ws://127.0.0.1:0 --listen wss://127.0.0.1:0 \
  --tls-certificate "$work/certificate.pem" --tls-key "$work/key.pem" \
  --ready-file "$work/ready" &
server=$!
until [ -s "$work/ready" ]; do
  kill -0 "$server" 2>/dev/null || { echo "run: the server did not start" >&2; exit 3; }
  sleep 0.05
done
{ read -r plain; read -r secure; } <"$work/ready"

status=0
note() { [ "$1" -le "$status" ] || status=$1; }
runs=()
for url in "$plain" "$secure"; do
  trust=()
  [ "$url" = "$plain" ] || trust=(--ca-file "$work/certificate.pem")
  scheme=${url%%:*}
  echo
  echo "== conformance of $url"
  "$gauntlet" conform server "$url" --agent "gauntlet-$scheme" \
    "${trust[@]}" --out "$reports/conformance-$scheme" || note $?
  echo
  echo "== load on $url"
  "$gauntlet" load "$url" --connections 200 --size 1024 --warmup 1s --duration "$duration" --trust any \
    "${trust[@]}" --out "$reports/load-$scheme" || note $?
  runs+=("$reports/conformance-$scheme" "$reports/load-$scheme")
done

kill -TERM "$server"
wait "$server" || note $?
server=

echo
"$gauntlet" report "${runs[@]}" --out "$reports" || note $?
exit "$status"
