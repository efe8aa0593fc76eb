// An echo server on WebSocket++. Usage: websocketpp PORT
#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>
#include <websocketpp/server.hpp>

// The library's own configuration, with permessage-deflate.
struct Config : websocketpp::config::asio {
  struct permessage_deflate_config {};
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config>;
};
using Server = websocketpp::server<Config>;

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  Server server;
  server.clear_access_channels(websocketpp::log::alevel::all);
  server.clear_error_channels(websocketpp::log::elevel::all);
  server.init_asio();
  server.set_reuse_addr(true);
  server.set_message_handler([&](auto connection, auto message) {
    websocketpp::lib::error_code error;
    server.send(connection, message->get_payload(), message->get_opcode(), error);
  });
  server.listen("127.0.0.1", argv[1]);
  server.start_accept();
  server.run();
}
