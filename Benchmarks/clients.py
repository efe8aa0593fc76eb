#!/usr/bin/env python3
"""Tries real clients against the reference server: curl, openssl, websockets, aiohttp, Node's ws, Chromium.

  make clients
  make clients CLIENTSFLAGS="--only curl,chromium"

The clients of Python come from PyPI into .build/bench/clients, the others from Debian's packages. Every line is
one thing that a client did; the exit code is 1 if one went wrong, 3 if a client is not there.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import BUILD, Process, free_port

ENVIRONMENT = BUILD / "clients"
PACKAGES = ["websockets==17.4", "aiohttp==3.14.5", "curl_cffi==0.13.0"]
FAILED = []


def told(what, is_good, detail=""):
    print(f"{'ok    ' if is_good else 'FAILED'}  {what}{'' if is_good else f': {detail}'}", flush=True)
    if not is_good:
        FAILED.append(what)


def shell(line, timeout=30):
    result = subprocess.run(
        line, shell=True, capture_output=True, text=True, errors="replace", timeout=timeout)
    return result.returncode, result.stdout + result.stderr


# The server

CERTIFICATES = """
cd "$0" && new="req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes" &&
for name in server:localhost second:second.test authority:authority; do
  openssl $new -x509 -days 60 -subj /CN=${name#*:} -addext subjectAltName=DNS:${name#*:} \
    -keyout ${name%:*}.key -out ${name%:*}.pem || exit 1
done
for name in alice mallory; do
  openssl $new -subj /CN=$name -keyout $name.key -out $name.csr || exit 1
done
openssl x509 -req -in alice.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 60 -out alice.pem &&
openssl x509 -req -in mallory.csr -signkey mallory.key -days 60 -out mallory.pem &&
mkdir www uploads && printf 0123456789 > www/digits.txt
"""


def configuration(folder, plain, secure):
    return {
        "listeners": [
            {"address": f"127.0.0.1:{plain}"},
            {"address": f"127.0.0.1:{secure}", "tls": {
                "certificate": f"{folder}/server.pem", "key": f"{folder}/server.key",
                "clients": {"certificates": "optional", "authorities": [f"{folder}/authority.pem"]},
                "hosts": [{"names": ["second.test"], "certificate": f"{folder}/second.pem",
                           "key": f"{folder}/second.key", "minimumVersion": "1.3"}]}}],
        "subprotocols": ["chat"], "countsTraffic": True,
        "http": {"testPage": "/", "metrics": "/metrics",
                 "files": [{"path": "/files", "folder": f"{folder}/www"}],
                 "uploads": [{"path": "/upload", "folder": f"{folder}/uploads"}]}}


# The clients

def curl(place):
    plain, secure = f"http://127.0.0.1:{place.plain}", f"https://localhost:{place.secure}"
    trust = f"--cacert {place.folder}/server.pem --resolve localhost:{place.secure}:127.0.0.1"
    for name, base, flags in [("plain", plain, ""), ("TLS", secure, trust)]:
        ask = f"curl -sS {flags}"
        told(f"curl, {name}: the test page", "WebSocket test page" in shell(f"{ask} {base}/")[1])
        code, text = shell(f"{ask} -r 2-4 {base}/files/digits.txt")
        told(f"curl, {name}: a range of a file", (code, text) == (0, "234"), text)
        code, text = shell(f"{ask} -F f=@{place.folder}/www/digits.txt {base}/upload")
        told(f"curl, {name}: an upload", text.startswith("f: 10 octets"), text)
        code, text = shell(f"{ask} {base}/files/digits.txt {base}/files/digits.txt -w '%{{num_connects}}'")
        told(f"curl, {name}: two requests on one connection", text == "0123456789101234567890", text)
        code, text = shell(f"{ask} -X DELETE -o /dev/null -w '%{{http_code}}' {base}/files/digits.txt")
        told(f"curl, {name}: 405 for another method", text == "405", text)
        code, text = shell(f"{ask} --path-as-is -o /dev/null -w '%{{http_code}}' {base}/files/../server.key")
        told(f"curl, {name}: no way out of the folder", text == "400", text)
        code, text = shell(
            f"{ask} -i -N --http1.1 --max-time 1 -H 'Upgrade: websocket' -H 'Connection: Upgrade' "
            f"-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' {base}/")
        told(f"curl, {name}: the opening handshake",
             text.startswith("HTTP/1.1 101") and "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in text, text[:200])
    program = f"""
import curl_cffi, ssl
for url, verify in [("ws://127.0.0.1:{place.plain}/", True), ("wss://127.0.0.1:{place.secure}/", False)]:
    with curl_cffi.Session() as session:
        socket = session.ws_connect(url, verify=verify)
        socket.send_str("Grüße")
        assert socket.recv()[0].decode() == "Grüße"
        socket.send_binary(bytes(range(256)) * 16)
        octets = b""
        while len(octets) < 4096:
            octets += socket.recv()[0]
        assert octets == bytes(range(256)) * 16
        socket.close()
print("echoed", curl_cffi.__curl_version__)
"""
    code, text = place.python(program)
    told("libcurl's WebSocket, plain and TLS: text and 4 KiB of binary come back", "echoed" in text, text)


def openssl(place):
    base = f"echo | openssl s_client -connect 127.0.0.1:{place.secure} -CAfile {place.folder}/server.pem -brief"
    for version, name in [("tls1_2", "TLSv1.2"), ("tls1_3", "TLSv1.3")]:
        text = shell(f"{base} -servername localhost -{version}")[1]
        told(f"openssl s_client: {name}", f"Protocol version: {name}" in text and
             "Verification: OK" in text, text)
    code, text = shell(f"{base} -servername localhost -tls1_1 -cipher DEFAULT@SECLEVEL=0")
    told("openssl s_client: TLS 1.1 is refused", code != 0, text)
    text = shell(f"{base} -servername second.test")[1]
    told("openssl s_client: SNI brings the certificate of that name", "CN=second.test" in
         text.replace(" ", ""), text)
    code, text = shell(f"{base} -servername second.test -tls1_2")
    told("openssl s_client: the named host asks for TLS 1.3", code != 0, text)
    pair = f"-cert {place.folder}/{{0}}.pem -key {place.folder}/{{0}}.key"
    ask = (f"printf 'GET /files/digits.txt HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | "
           f"openssl s_client -connect 127.0.0.1:{place.secure} -servername localhost "
           f"-CAfile {place.folder}/server.pem -quiet -ign_eof")
    told("openssl s_client: comes in with a certificate of the authority",
         "0123456789" in shell(f"{ask} {pair.format('alice')}")[1])
    told("openssl s_client: comes in without one, as they are optional", "0123456789" in shell(ask)[1])
    told("openssl s_client: does not come in with a certificate of its own making",
         "0123456789" not in shell(f"{ask} {pair.format('mallory')}")[1])
    session = f"{place.folder}/session"
    shell(f"{base.replace('-brief', '')} -servername localhost -tls1_2 -sess_out {session}")
    text = shell(f"{base.replace('-brief', '')} -servername localhost -tls1_2 -sess_in {session}")[1]
    told("openssl s_client: a session is resumed", "Reused, TLSv1.2" in text, text[:300])


def python_websockets(place):
    code, text = place.python(f"""
import asyncio, ssl, websockets
async def main():
    context = ssl.create_default_context(cafile="{place.folder}/server.pem")
    context.load_cert_chain("{place.folder}/alice.pem", "{place.folder}/alice.key")
    for url, tls in [("ws://127.0.0.1:{place.plain}/", None), ("wss://localhost:{place.secure}/", context)]:
        async with websockets.connect(url, ssl=tls, subprotocols=["chat"], max_size=None) as socket:
            assert socket.subprotocol == "chat"
            assert "permessage-deflate" in [e.name for e in socket.protocol.extensions]
            for message in ["", "Grüße", b"\\0" * 300_000, "x" * (1 << 20)]:
                await socket.send(message)
                assert await socket.recv() == message
            await socket.send(["in ", "pieces"])
            assert await socket.recv() == "in pieces"
            await (await socket.ping(b"there?"))
        assert socket.close_code == 1000
    print("echoed")
asyncio.run(main())
""")
    told("websockets, plain and TLS with a client certificate: text, binary, fragments, compression, "
         "subprotocol, ping, close", "echoed" in text, text)


def aiohttp(place):
    code, text = place.python(f"""
import aiohttp, asyncio, ssl
async def main():
    context = ssl.create_default_context(cafile="{place.folder}/server.pem")
    async with aiohttp.ClientSession() as session:
        for base, tls in [("http://127.0.0.1:{place.plain}", True), ("https://localhost:{place.secure}", context)]:
            async with session.get(base + "/files/digits.txt", ssl=tls) as response:
                assert await response.text() == "0123456789"
            async with session.ws_connect(base + "/", ssl=tls, compress=15) as socket:
                assert socket.compress == 15
                await socket.send_str("Grüße")
                assert (await socket.receive()).data == "Grüße"
                await socket.send_bytes(b"\\1" * 100_000)
                assert (await socket.receive()).data == b"\\1" * 100_000
                await socket.close(code=1000)
                assert socket.close_code == 1000
    print("echoed")
asyncio.run(main())
""")
    told("aiohttp, plain and TLS: a file, text, binary, compression, close", "echoed" in text, text)


def node(place):
    program = f"""
const WebSocket = require('ws'), fs = require('fs');
const urls = [['ws://127.0.0.1:{place.plain}/', {{}}],
  ['wss://localhost:{place.secure}/', {{ ca: fs.readFileSync('{place.folder}/server.pem') }}]];
function play([url, options]) {{
  return new Promise((resolve, reject) => {{
    const socket = new WebSocket(url, ['chat'], {{ perMessageDeflate: true, ...options }});
    const wanted = ['Grüße', Buffer.alloc(200000, 7).toString('latin1')];
    let count = 0;
    socket.on('error', reject);
    socket.on('open', () => {{
      if (!socket.extensions.includes('permessage-deflate')) reject(new Error('no compression'));
      socket.ping('there?');
      for (const text of wanted) socket.send(text);
    }});
    socket.on('pong', data => {{ if (String(data) !== 'there?') reject(new Error('a wrong pong')); }});
    socket.on('message', data => {{
      if (String(data) !== wanted[count]) reject(new Error('a wrong echo'));
      if (++count === wanted.length) socket.close(1000, 'done');
    }});
    socket.on('close', code => code === 1000 ? resolve() : reject(new Error('closed with ' + code)));
  }});
}}
urls.reduce((before, url) => before.then(() => play(url)), Promise.resolve())
  .then(() => console.log('echoed'), error => {{ console.log(String(error)); process.exit(1); }});
"""
    file = Path(place.folder) / "client.js"
    file.write_text(program)
    text = shell(f"NODE_PATH=/usr/share/nodejs node {file}")[1]
    told("Node's ws, plain and TLS: text, compression, subprotocol, ping, close", "echoed" in text, text)


def chromium(place):
    for name, url in [("plain", f"http://127.0.0.1:{place.plain}/"), ("TLS", f"https://localhost:{place.secure}/")]:
        port = free_port()
        command = (f"chromium --headless --no-sandbox --disable-gpu --ignore-certificate-errors "
                   f"--user-data-dir={place.folder}/profile-{name} --remote-debugging-port={port} about:blank")
        with Process(command, 1) as browser:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and shell(f"curl -sS http://127.0.0.1:{port}/json/version")[0]:
                time.sleep(0.2)
            code, text = place.python(CHROMIUM.replace("PORT", str(port)).replace("URL", url))
        told(f"Chromium, {name}: the test page connects, echoes text and binary, and closes",
             "all seen" in text, text)


# Drives the page as a person would: by its buttons, over the browser's own protocol.
CHROMIUM = """
import asyncio, json, urllib.request, websockets
async def main():
    request = urllib.request.Request("http://127.0.0.1:PORT/json/new?URL", method="PUT")
    target = json.load(urllib.request.urlopen(request))
    async with websockets.connect(target["webSocketDebuggerUrl"], max_size=None) as browser:
        number = 0
        async def run(script):
            nonlocal number
            number += 1
            await browser.send(json.dumps({"id": number, "method": "Runtime.evaluate",
                                           "params": {"expression": script, "returnByValue": True}}))
            while (answer := json.loads(await browser.recv())).get("id") != number:
                pass
            return answer["result"]["result"].get("value")
        async def see(text):
            for _ in range(200):
                log = await run("(document.getElementById('log') || {}).textContent || ''")
                if text in log:
                    return
                await asyncio.sleep(0.05)
            raise SystemExit(f"not seen: {text}; the page says {log!r}")
        for _ in range(200):
            if await run("document.readyState === 'complete' && !!document.getElementById('toggle')"):
                break
            await asyncio.sleep(0.05)
        await run("document.getElementById('toggle').click()")
        await see("open")
        await see("extensions permessage-deflate")
        await run("document.getElementById('submit').click()")
        await see("received text Hello")
        await run("document.getElementById('kind').value = 'binary'; document.getElementById('submit').click()")
        await see("received binary, 5 octets")
        await run("document.getElementById('toggle').click()")
        await see("closed, 1000")
    print("all seen")
asyncio.run(main())
"""


class Place:
    """Where the server is, and the Python that has its clients."""

    def __init__(self, folder):
        self.folder = folder
        self.plain, self.secure = free_port(), free_port()

    def python(self, program):
        result = subprocess.run(
            [ENVIRONMENT / "bin/python", "-c", program], capture_output=True, text=True, timeout=90)
        return result.returncode, (result.stdout + result.stderr)[-600:]


CLIENTS = {"curl": curl, "openssl": openssl, "websockets": python_websockets, "aiohttp": aiohttp,
           "node": node, "chromium": chromium}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gauntlet", default=".build/release/gauntlet", help="the program")
    parser.add_argument("--only", default=",".join(CLIENTS), help="clients, by comma")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    if unknown := set(chosen) - set(CLIENTS):
        parser.error(f"--only: no client {', '.join(unknown)}; there are {', '.join(CLIENTS)}")
    for program in ["curl", "openssl", "node", "chromium"]:
        if program in chosen and not shutil.which(program):
            print(f"clients: {program} is not installed: run scripts/setup.sh clients")
            sys.exit(3)
    if not (ENVIRONMENT / "done").exists():
        print("installing clients from PyPI", flush=True)
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        subprocess.run([ENVIRONMENT / "bin/pip", "install", "-q", *PACKAGES], check=True)
        (ENVIRONMENT / "done").touch()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder)
        subprocess.run(["bash", "-c", CERTIFICATES, folder], check=True, capture_output=True)
        file = Path(folder) / "server.json"
        file.write_text(json.dumps(configuration(folder, place.plain, place.secure)))
        with Process(f"{arguments.gauntlet} serve --config {file}", 0) as server:
            server.wait_for(place.plain)
            for name in chosen:
                CLIENTS[name](place)
    print(f"{len(FAILED)} failed" if FAILED else "all clients are served")
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
