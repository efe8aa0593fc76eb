"""The servers that interop.py tests: what each needs, how it is built, how it is started.

The first package of a peer, PyPI's before Debian's, is the library itself: its version is the peer's.
(granian is a server on tungstenite, hypercorn one on wsproto, socketify one on uWebSockets.) Commands
run in the build folder, where peers/ is the folder of that name beside this file.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    name: str
    language: str
    run: str
    debian: tuple = ()
    pypi: tuple = ()
    build: str = ""


def jars(prefix, names):
    return ":".join(f"/usr/share/java/{prefix}-{name}.jar" for name in names.split())


def python(name, *pypi):
    return Peer(name, "Python", f"exec python/bin/python peers/{name}_echo.py {{port}}", pypi=pypi)


TOMCAT = jars(
    "tomcat10",
    "catalina coyote juli util util-scan servlet-api websocket websocket-api websocket-client-api"
    " annotations-api jaspic-api jni el-api jsp-api jasper api")

PEERS = [
    python("websockets", "websockets==17.4"),
    Peer("ws", "JavaScript",
         "NODE_PATH=/usr/share/nodejs exec node peers/ws.js {port}", debian=("node-ws",)),
    Peer("gorilla", "Go", "exec ./gorilla {port}",
         debian=("golang-github-gorilla-websocket-dev", "golang-go"),
         build="go build -o gorilla peers/gorilla/main.go"),
    Peer("tomcat", "Java", f"exec java -cp tomcat:{TOMCAT} Tomcat {{port}}",
         debian=("libtomcat10-java", "default-jdk-headless"),
         build=f"javac -nowarn -cp {TOMCAT} -d tomcat peers/Tomcat.java"),
    Peer("beast", "C++", "exec ./beast {port}",
         debian=("libboost-dev", "g++"),
         build="g++ -O1 -std=c++17 peers/beast.cpp -pthread -o beast"),
    Peer("granian", "Rust",
         "exec python/bin/granian --interface asgi --no-log --host 127.0.0.1 --port {port}"
         " peers/asgi_echo:app",
         pypi=("granian==2.8.7",)),
    Peer("yaws", "Erlang",
         "exec erl -noshell -pa . /usr/lib/yaws-*/ebin -run yaws_echo start {port}",
         debian=("erlang-yaws", "erlang-base"), build="erlc -o . peers/yaws_echo.erl"),
    Peer("libsoup", "C", "exec ./libsoup {port}",
         debian=("libsoup-3.0-dev", "gcc", "pkg-config"),
         build="gcc -O2 peers/libsoup.c $(pkg-config --cflags --libs libsoup-3.0) -o libsoup"),
    Peer("websocketpp", "C++", "exec ./websocketpp {port}",
         debian=("libwebsocketpp-dev", "libboost-dev", "zlib1g-dev", "g++"),
         build="g++ -O1 -std=c++14 peers/websocketpp.cpp -pthread -lz -o websocketpp"),
    Peer("qt", "C++", "exec ./qt {port}",
         debian=("qt6-websockets-dev", "qt6-base-dev", "g++", "pkg-config"),
         build="g++ -O1 -std=c++17 -fPIC peers/qt.cpp"
               " $(pkg-config --cflags --libs Qt6WebSockets) -o qt"),
    Peer("nhooyr", "Go", "exec ./nhooyr {port}",
         debian=("golang-nhooyr-websocket-dev", "golang-go"),
         build="go build -o nhooyr peers/nhooyr/main.go"),
    python("aiohttp", "aiohttp==3.14.5"),
    Peer("mojolicious", "Perl", "exec perl peers/mojolicious.pl {port}",
         debian=("libmojolicious-perl",)),
    Peer("wsproto", "Python",
         "exec python/bin/hypercorn --bind 127.0.0.1:{port} peers/asgi_echo:app",
         pypi=("wsproto==1.3.2", "hypercorn==0.18.0")),
    Peer("faye", "Ruby", "exec ruby peers/faye.rb {port}",
         debian=("ruby-websocket-driver", "ruby-faye-websocket", "thin")),
    python("tornado", "tornado==6.6.1"),
    Peer("uWebSockets", "C++", "exec python/bin/python peers/uwebsockets_echo.py {port}",
         debian=("libuv1",), pypi=("socketify==0.0.31",)),
    Peer("haskell", "Haskell", "exec ./haskell {port}",
         debian=("libghc-websockets-dev", "ghc"),
         build="ghc -v0 -O1 -threaded -outputdir haskell.o -o haskell peers/Echo.hs"),
    python("autobahn", "autobahn==26.10.2"),
    Peer("libwebsockets", "C", "exec ./libwebsockets {port}",
         debian=("libwebsockets-dev", "gcc"),
         build="gcc -O2 peers/libwebsockets.c -lwebsockets -o libwebsockets"),
]
