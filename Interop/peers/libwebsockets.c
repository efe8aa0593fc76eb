// An echo server on libwebsockets. Usage: libwebsockets PORT
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// The message of one connection; it waits here until it is whole and the socket is writable.
struct message {
  unsigned char *octets;  // LWS_PRE of them are the library's
  size_t length, capacity;
  bool is_whole;
  enum lws_write_protocol kind;
};

static int append(struct message *message, const void *octets, size_t length) {
  if (!message->octets || message->capacity < message->length + length) {
    message->capacity = (message->length + length) * 2;
    unsigned char *larger = realloc(message->octets, LWS_PRE + message->capacity);
    if (!larger) return -1;
    message->octets = larger;
  }
  if (length) memcpy(message->octets + LWS_PRE + message->length, octets, length);
  message->length += length;
  return 0;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *octets,
                    size_t length) {
  struct message *message = user;
  switch (reason) {
    case LWS_CALLBACK_RECEIVE:
      if (lws_is_first_fragment(wsi))
        message->kind = lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
      if (append(message, octets, length) < 0) return -1;
      if (lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi)) {
        message->is_whole = true;
        lws_callback_on_writable(wsi);
        lws_rx_flow_control(wsi, 0);
      }
      return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE: {  // also when the library has a Pong to send
      if (!message->is_whole) return 0;
      size_t length = message->length;
      message->length = 0;
      message->is_whole = false;
      lws_rx_flow_control(wsi, 1);
      return lws_write(wsi, message->octets + LWS_PRE, length, message->kind) < 0 ? -1 : 0;
    }
    case LWS_CALLBACK_CLOSED:
      free(message->octets);
      return 0;
    default:
      return 0;
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  lws_set_log_level(LLL_ERR, NULL);
  static const struct lws_protocols protocols[] = {
      {"echo", callback, sizeof(struct message), 0, 0, NULL, 0}, {NULL, NULL, 0, 0, 0, NULL, 0}};
  static const struct lws_extension extensions[] = {
      {"permessage-deflate", lws_extension_callback_pm_deflate,
       "permessage-deflate; client_no_context_takeover; client_max_window_bits"},
      {NULL, NULL, NULL}};
  struct lws_context_creation_info info = {.port = atoi(argv[1]),
                                           .iface = "127.0.0.1",
                                           .protocols = protocols,
                                           .extensions = extensions,
                                           .options = LWS_SERVER_OPTION_VALIDATE_UTF8,
                                           .gid = -1,
                                           .uid = -1};
  struct lws_context *context = lws_create_context(&info);
  if (!context) return 1;
  while (lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
}
