"""An echo server on socketify, which is uWebSockets. Usage: uwebsockets_echo.py PORT"""

import sys

from socketify import App, AppListenOptions, CompressOptions

app = App()
app.ws("/*", {
    "compression": CompressOptions.DEDICATED_COMPRESSOR,
    "max_payload_length": 2**25,
    "message": lambda socket, message, opcode: socket.send(message, opcode, True),
})
app.listen(AppListenOptions(port=int(sys.argv[1]), host="127.0.0.1"))
app.run()
