// An echo server on libwebsockets, one thread.
// Usage: lws_echo PORT
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

// One connection: messages wait here until the socket is writable, as the library demands.
struct session {
  unsigned char *buffer;  // LWS_PRE octets, then what waits
  size_t length, capacity;
  int is_binary;
};

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length) {
  struct session *session = user;
  switch (reason) {
    case LWS_CALLBACK_RECEIVE:
      if (session->capacity < session->length + length) {
        session->capacity = (session->length + length) * 2;
        session->buffer = realloc(session->buffer, LWS_PRE + session->capacity);
      }
      memcpy(session->buffer + LWS_PRE + session->length, in, length);
      session->length += length;
      session->is_binary = lws_frame_is_binary(wsi);
      if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi)) {
        lws_callback_on_writable(wsi);
        lws_rx_flow_control(wsi, 0);
      }
      return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
      if (lws_write(wsi, session->buffer + LWS_PRE, session->length,
                    session->is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < 0)
        return -1;
      session->length = 0;
      lws_rx_flow_control(wsi, 1);
      return 0;
    case LWS_CALLBACK_CLOSED:
      free(session->buffer);
      return 0;
    default:
      return 0;
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  lws_set_log_level(LLL_ERR, NULL);
  static const struct lws_protocols protocols[] = {
      {"echo", callback, sizeof(struct session), 65536, 0, NULL, 0},
      {NULL, NULL, 0, 0, 0, NULL, 0}};
  struct lws_context_creation_info info = {
      .port = atoi(argv[1]), .protocols = protocols, .gid = -1, .uid = -1};
  struct lws_context *context = lws_create_context(&info);
  if (!context) return 1;
  while (lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
}
