#!/usr/bin/env bash
# Installs what is missing of the system's packages; costs nothing when all is there.
# Usage: setup.sh [bench | clients | tools]    bench: also the peers that the benchmarks build
#                                             clients: also the clients that the server is tried with
#                                             tools: also other tools for load
set -euo pipefail

# package:probe, where the probe is a command or a header that tells that it is there
needs=(
  "libssl-dev:/usr/include/openssl/ssl.h"
  "zlib1g-dev:/usr/include/zlib.h"
  "pkg-config:pkg-config"
  "openssl:openssl"
)
if [ "${1:-}" = clients ]; then
  needs+=(
    "curl:curl"
    "python3:python3"
    "nodejs:node"
    "node-ws:/usr/share/nodejs/ws/package.json"
    "chromium:chromium"
  )
fi
if [ "${1:-}" = tools ]; then
  needs+=("python3:python3" "python3-venv:/usr/share/doc/python3-venv" "tsung:tsung")
fi
if [ "${1:-}" = bench ]; then
  needs+=(
    "g++:g++"
    "libboost-dev:/usr/include/boost/beast.hpp"
    "libwebsockets-dev:/usr/include/libwebsockets.h"
    "libuv1:/usr/share/doc/libuv1"
    "python3:python3"
    "python3-pip:pip"
  )
fi

command -v "${SWIFT:-swift}" >/dev/null || {
  echo "setup: no swift on the PATH; install Swift 6.3 or newer from swift.org" >&2
  exit 1
}

missing=()
for need in "${needs[@]}"; do
  package=${need%%:*}
  probe=${need#*:}
  case $probe in
    /*) [ -e "$probe" ] || missing+=("$package") ;;
    *) command -v "$probe" >/dev/null || missing+=("$package") ;;
  esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || {
  echo "setup: missing ${missing[*]}, and no apt-get here: install them by hand" >&2
  exit 1
}
sudo=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "setup: missing ${missing[*]}; run as root: apt-get install ${missing[*]}" >&2
    exit 1
  }
  sudo=(sudo)
fi
echo "setup: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
install=("${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}")
"${install[@]}" >/dev/null 2>&1 || {
  "${sudo[@]}" apt-get update -qq
  "${install[@]}" >/dev/null
}
