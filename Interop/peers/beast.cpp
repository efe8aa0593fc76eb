// An echo server on Boost.Beast. Usage: beast PORT
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <memory>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

struct Session : std::enable_shared_from_this<Session> {
  websocket::stream<tcp::socket> stream;
  beast::flat_buffer buffer;

  explicit Session(tcp::socket&& socket) : stream(std::move(socket)) {}

  void start() {
    websocket::permessage_deflate deflate;
    deflate.server_enable = true;
    stream.set_option(deflate);
    stream.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    stream.async_accept([self = shared_from_this()](auto error) {
      if (!error) self->read();
    });
  }
  void read() {
    stream.async_read(buffer, [self = shared_from_this()](auto error, auto) {
      if (!error) self->write();
    });
  }
  void write() {
    stream.text(stream.got_text());
    stream.async_write(buffer.data(), [self = shared_from_this()](auto error, auto) {
      self->buffer.consume(self->buffer.size());
      if (!error) self->read();
    });
  }
};

static void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&](auto error, tcp::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket))->start();
    accept(acceptor);
  });
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  asio::io_context loop{1};
  auto port = static_cast<unsigned short>(std::atoi(argv[1]));
  tcp::acceptor acceptor{loop, {asio::ip::make_address("127.0.0.1"), port}};
  accept(acceptor);
  loop.run();
}
