// An echo server and a load generator on Boost.Beast, one thread each.
// Usage: beast server PORT
//        beast client PORT CONNECTIONS SIZE      closed loop, one message in flight on each
//                                                connection; prints "Msg/sec: N" every second
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <cstdio>
#include <memory>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

static asio::io_context loop{1};
static std::size_t responses = 0;

struct Session : std::enable_shared_from_this<Session> {
  websocket::stream<tcp::socket> stream;
  beast::flat_buffer buffer;
  std::string message;

  explicit Session(tcp::socket&& socket) : stream(std::move(socket)) {}
  void prepare() {
    stream.next_layer().set_option(tcp::no_delay(true));
    stream.binary(true);
    stream.auto_fragment(false);
    stream.read_message_max(64 << 20);
  }
  void serve() {
    prepare();
    stream.async_accept([self = shared_from_this()](auto error) {
      if (!error) self->echo();
    });
  }
  void echo() {
    stream.async_read(buffer, [self = shared_from_this()](auto error, auto) {
      if (error) return;
      self->stream.binary(self->stream.got_binary());
      self->stream.async_write(self->buffer.data(), [self](auto error, auto) {
        self->buffer.consume(self->buffer.size());
        if (!error) self->echo();
      });
    });
  }
  void request(std::size_t size) {
    prepare();
    message.assign(size, 'T');
    stream.handshake("127.0.0.1", "/");
    send();
  }
  void send() {
    stream.async_write(asio::buffer(message), [self = shared_from_this()](auto error, auto) {
      if (error) return;
      self->stream.async_read(self->buffer, [self](auto error, auto) {
        if (error) return;
        self->buffer.consume(self->buffer.size());
        responses++;
        self->send();
      });
    });
  }
};

static void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&](auto error, tcp::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket))->serve();
    accept(acceptor);
  });
}

static void tick(asio::steady_timer& timer) {
  timer.expires_after(std::chrono::seconds(1));
  timer.async_wait([&](auto) {
    std::printf("Msg/sec: %zu\n", responses);
    std::fflush(stdout);
    responses = 0;
    tick(timer);
  });
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  tcp::endpoint endpoint{asio::ip::make_address("127.0.0.1"),
                         static_cast<unsigned short>(std::atoi(argv[2]))};
  if (std::string(argv[1]) == "server") {
    tcp::acceptor acceptor{loop, endpoint};
    acceptor.listen(4096);
    accept(acceptor);
    loop.run();
  } else {
    if (argc != 5) return 2;
    for (int i = 0; i < std::atoi(argv[3]); i++) {
      tcp::socket socket{loop};
      socket.connect(endpoint);
      std::make_shared<Session>(std::move(socket))->request(std::atoi(argv[4]));
    }
    asio::steady_timer timer{loop};
    tick(timer);
    loop.run();
  }
}
