// An echo server on libsoup. Usage: libsoup PORT
#include <libsoup/soup.h>
#include <stdlib.h>

static void echo(SoupWebsocketConnection *connection, SoupWebsocketDataType kind, GBytes *message,
                 gpointer unused) {
  soup_websocket_connection_send_message(connection, kind, message);
}

static void connected(SoupServer *server, SoupServerMessage *request, const char *path,
                      SoupWebsocketConnection *connection, gpointer unused) {
  g_object_ref(connection);
  soup_websocket_connection_set_max_incoming_payload_size(connection, 1 << 25);
  g_signal_connect(connection, "message", G_CALLBACK(echo), NULL);
  g_signal_connect(connection, "closed", G_CALLBACK(g_object_unref), NULL);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  SoupServer *server = soup_server_new(NULL, NULL);
  soup_server_add_websocket_handler(server, NULL, NULL, NULL, connected, NULL, NULL);
  soup_server_add_websocket_extension(server, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  GError *error = NULL;
  if (!soup_server_listen_local(server, atoi(argv[1]), SOUP_SERVER_LISTEN_IPV4_ONLY, &error)) {
    g_printerr("%s\n", error->message);
    return 1;
  }
  g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
