"""An echo server on tornado. Usage: tornado_echo.py PORT"""

import asyncio
import sys

from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Echo(WebSocketHandler):
    def get_compression_options(self):
        return {}  # permessage-deflate, as the library sets it up

    async def on_message(self, message):
        await self.write_message(message, binary=isinstance(message, bytes))


async def main():
    app = Application([(r"/.*", Echo)], websocket_max_message_size=2**25)
    app.listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
