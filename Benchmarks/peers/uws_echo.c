// An echo server on uWebSockets, through the C interface of the shared library that the PyPI package
// socketify carries (its loop is libuv's, so it is a little slower than uWebSockets on epoll).
// Usage: uws_echo PORT
#include "uws.h"

static void echo(uws_websocket_t *socket, const char *message, size_t length, int opcode, void *_) {
  uws_ws_send(0, socket, message, length, opcode);
}

int main(int argc, char **argv) { return serve(argc, argv, (behavior){.message = echo}); }
