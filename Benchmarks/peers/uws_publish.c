// A server on uWebSockets that publishes every message to all clients, through the C interface of the shared
// library that the PyPI package socketify carries.
// Usage: uws_publish PORT
#include "uws.h"

static void opened(uws_websocket_t *socket, void *_) { uws_ws_subscribe(0, socket, "all", 3); }

static void publish(uws_websocket_t *_, const char *message, size_t length, int opcode, void *__) {
  uws_publish(0, app, "all", 3, message, length, opcode, false);
}

int main(int argc, char **argv) {
  return serve(argc, argv, (behavior){.open = opened, .message = publish});
}
