// The part of uWebSockets' C interface that the servers here use, as the shared library has it that the PyPI
// package socketify carries, and what these servers have in common.
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct uws_app_s uws_app_t;
typedef struct uws_websocket_s uws_websocket_t;
struct us_listen_socket_t;

// Passed by value and, without TLS, not looked at: only its being large enough matters.
struct options {
  const void *fields[16];
};
typedef struct {
  int port;
  const char *host;
  int options;
} listen_config;
typedef struct {
  int compression;
  unsigned int max_payload_length;
  unsigned short idle_timeout;
  unsigned int max_backpressure;
  bool close_on_backpressure_limit, reset_idle_timeout_on_send, send_pings_automatically;
  unsigned short max_lifetime;
  void *upgrade;
  void (*open)(uws_websocket_t *, void *);
  void (*message)(uws_websocket_t *, const char *, size_t, int, void *);
  void *drain, *ping, *pong, *close, *subscription;
} behavior;

uws_app_t *uws_create_app(int ssl, struct options options);
void uws_ws(int ssl, uws_app_t *app, const char *pattern, behavior behavior, void *user_data);
int uws_ws_send(int ssl, uws_websocket_t *socket, const char *message, size_t length, int opcode);
bool uws_ws_subscribe(int ssl, uws_websocket_t *socket, const char *topic, size_t length);
bool uws_publish(int ssl, uws_app_t *app, const char *topic, size_t topic_length,
                 const char *message, size_t length, int opcode, bool compress);
void uws_app_listen(int ssl, uws_app_t *app, int port,
                    void (*handler)(struct us_listen_socket_t *, listen_config, void *),
                    void *user_data);
void uws_app_run(int ssl, uws_app_t *app);

static uws_app_t *app;

static void listening(struct us_listen_socket_t *socket, listen_config config, void *_) {
  if (!socket) {
    fprintf(stderr, "uWebSockets: cannot listen on port %d\n", config.port);
    exit(1);
  }
}

// Serves at the port that is the only argument, until it is ended.
static int serve(int argc, char **argv, behavior settings) {
  if (argc != 2) return 2;
  signal(SIGPIPE, SIG_IGN);
  app = uws_create_app(0, (struct options){{0}});
  settings.max_payload_length = 64 << 20;
  settings.idle_timeout = 960;
  settings.max_backpressure = 64 << 20;
  uws_ws(0, app, "/*", settings, NULL);
  uws_app_listen(0, app, atoi(argv[1]), listening, NULL);
  uws_app_run(0, app);
  return 0;
}
