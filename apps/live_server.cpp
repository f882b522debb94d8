// SPDX-License-Identifier: Apache-2.0
// The only source that includes Beast: HTTP and WebSocket cost 20 s of compile time a file.
#include "apps/live_server.h"
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <fmt/format.h>
#include <list>
#include <optional>
#include <thread>

namespace pado::apps {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::uint32_t max_header_bytes = 8192;
constexpr std::size_t max_request_bytes = 16384; ///< held at a time
constexpr std::size_t max_client_message_bytes = 1024;

class live_socket;

/// What sessions share. They hold it, and themselves, by shared_ptr: a handler may run after the server is
/// gone, when the context is someone else's.
struct shared_state {
  shared_state(live_server_config with, std::function<live_status()> source)
      : config(std::move(with)), content(config.content, std::move(source))
  {
  }
  std::chrono::nanoseconds timeout() const { return std::chrono::nanoseconds(config.timeout_ns); }

  live_server_config config;
  live_content content;
  live_server_counters counters;
  std::int32_t nof_open = 0;
  bool is_closed = false;
  std::list<std::weak_ptr<live_socket>> sockets; ///< fed at each refresh
};
using state_pointer = std::shared_ptr<shared_state>;

/// One of max_connections, for as long as it lives.
using slot_pointer = std::shared_ptr<void>;
slot_pointer take_slot(const state_pointer& state)
{
  ++state->nof_open;
  return {nullptr, [state](std::nullptr_t) { --state->nof_open; }};
}

/// A WebSocket that is told the status. It holds one message at most: what comes while it is being sent is
/// left out, and who does not take it in time is dropped.
class live_socket : public std::enable_shared_from_this<live_socket> {
public:
  live_socket(state_pointer state, slot_pointer slot, tcp::socket&& socket)
      : state_(std::move(state)), slot_(std::move(slot)), stream_(std::move(socket))
  {
    websocket::stream_base::timeout limits;
    limits.handshake_timeout = state_->timeout();
    limits.idle_timeout = std::chrono::seconds(30);
    limits.keep_alive_pings = true;
    stream_.set_option(limits);
    stream_.read_message_max(max_client_message_bytes);
    stream_.auto_fragment(false);
    stream_.text(true);
  }

  void accept(const http::request<http::empty_body>& request)
  {
    stream_.async_accept(request, [self = shared_from_this()](error_code failure) {
      if (!failure && !self->state_->is_closed) {
        self->state_->counters.upgraded.add();
        self->state_->sockets.push_back(self);
        self->feed();
        self->read();
      }
    });
  }

  void feed()
  {
    if (is_writing_) {
      if (std::chrono::steady_clock::now() - write_begin_ > state_->timeout()) {
        state_->counters.dropped.add();
        close();
      }
      return;
    }
    is_writing_ = true;
    write_begin_ = std::chrono::steady_clock::now();
    message_ = state_->content.status_json();
    stream_.async_write(asio::buffer(message_), [self = shared_from_this()](error_code failure, std::size_t) {
      self->is_writing_ = false;
      if (failure) {
        self->close();
      }
    });
  }

  void close()
  {
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
  }

private:
  /// Clients have nothing to say; reading answers pings and sees the end.
  void read()
  {
    stream_.async_read(input_, [self = shared_from_this()](error_code failure, std::size_t) {
      self->input_.clear();
      if (!failure) {
        self->read();
      }
    });
  }

  state_pointer state_;
  slot_pointer slot_;
  websocket::stream<beast::tcp_stream, false> stream_; // without deflate
  beast::flat_buffer input_;
  std::string message_;
  bool is_writing_ = false;
  std::chrono::steady_clock::time_point write_begin_;
};

/// Requests of one connection, one after the other.
class session : public std::enable_shared_from_this<session> {
public:
  session(state_pointer state, tcp::socket&& socket)
      : state_(std::move(state)), slot_(take_slot(state_)), stream_(std::move(socket)),
        input_(max_request_bytes)
  {
  }

  void read()
  {
    parser_.emplace();
    parser_->header_limit(max_header_bytes);
    parser_->body_limit(0);
    stream_.expires_after(state_->timeout()); // for all of the request: a slow sender gets no more
    http::async_read(stream_, input_, *parser_, [self = shared_from_this()](error_code failure, std::size_t) {
      self->handle(failure);
    });
  }

private:
  void handle(error_code failure)
  {
    if (failure || state_->is_closed) {
      refuse(failure);
      return;
    }
    const auto& request = parser_->get();
    const live_request asked = view_of(request);
    if (state_->content.may_upgrade(asked)) {
      stream_.expires_never(); // the WebSocket has limits of its own
      const auto socket = std::make_shared<live_socket>(state_, slot_, stream_.release_socket());
      socket->accept(request);
      return;
    }
    state_->counters.requests.add();
    live_reply reply = state_->content.answer(asked);
    write(std::move(reply), request.method() == http::verb::head, request.keep_alive());
  }

  static live_request view_of(const http::request<http::empty_body>& request)
  {
    const auto view = [](beast::string_view text) { return std::string_view(text.data(), text.size()); };
    return {view(request.method_string()),
            view(request.target()),
            view(request[http::field::host]),
            view(request[http::field::origin]),
            websocket::is_upgrade(request)};
  }

  /// What is no HTTP gets one line; who has left gets nothing.
  void refuse(error_code failure)
  {
    if (failure == beast::error::timeout) {
      state_->counters.dropped.add();
    }
    const bool is_http = failure.category() == make_error_code(http::error::bad_method).category();
    if (!is_http || failure == http::error::end_of_stream) {
      return;
    }
    state_->counters.malformed.add();
    const bool is_long = failure == http::error::header_limit || failure == http::error::buffer_overflow;
    const bool has_body = failure == http::error::body_limit || failure == http::error::unexpected_body;
    write(state_->content.malformed(is_long ? 431 : has_body ? 413 : 400, failure.message()), false, false);
  }

  void write(live_reply reply, bool is_head, bool is_kept)
  {
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(reply.status));
    response_.keep_alive(is_kept);
    for (const auto& [name, value] : reply.headers) {
      response_.set(name, value);
    }
    response_.content_length(reply.body.size());
    response_.body() = is_head ? std::string() : std::move(reply.body);
    stream_.expires_after(state_->timeout());
    http::async_write(stream_, response_, [self = shared_from_this()](error_code failure, std::size_t) {
      self->written(failure);
    });
  }

  void written(error_code failure)
  {
    if (failure == beast::error::timeout) {
      state_->counters.dropped.add();
    } else if (!failure && response_.keep_alive() && !state_->is_closed) {
      read();
    } else {
      error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }
  }

  state_pointer state_;
  slot_pointer slot_;
  beast::tcp_stream stream_;
  beast::flat_buffer input_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> response_;
};

/// Accepts, and asks the source at its pace.
class listener : public std::enable_shared_from_this<listener> {
public:
  listener(asio::io_context& context, state_pointer state)
      : state_(std::move(state)), acceptor_(context), timer_(context)
  {
  }

  /// Binds and begins.
  std::optional<error> open()
  {
    const live_server_config& config = state_->config;
    error_code failure;
    const auto address = asio::ip::make_address(config.listen, failure);
    if (failure) {
      return error{"--listen", fmt::format("is '{}', must be an IP address of this machine", config.listen)};
    }
    try {
      acceptor_ = tcp::acceptor(acceptor_.get_executor(), tcp::endpoint(address, config.port));
    } catch (const boost::system::system_error& why) {
      const std::string reason = why.code().message();
      return error{"--metrics", fmt::format("{}: {} port {}", reason, config.listen, config.port)};
    }
    endpoint_ = acceptor_.local_endpoint();
    accept();
    tick();
    return std::nullopt;
  }

  void close()
  {
    state_->is_closed = true;
    error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
    for (const auto& held : state_->sockets) {
      if (const auto socket = held.lock()) {
        socket->close();
      }
    }
  }

  const tcp::endpoint& endpoint() const { return endpoint_; }
  const shared_state& state() const { return *state_; }

private:
  void accept()
  {
    acceptor_.async_accept([self = shared_from_this()](error_code failure, tcp::socket socket) {
      if (self->state_->is_closed) {
        return;
      }
      if (failure) { // out of descriptors, mostly: the next tick tries again
        self->is_accepting_ = false;
        return;
      }
      self->take(std::move(socket));
      self->accept();
    });
    is_accepting_ = true;
  }

  void take(tcp::socket socket)
  {
    if (state_->nof_open >= state_->config.max_connections) {
      state_->counters.refused.add();
      return; // closes it
    }
    state_->counters.accepted.add();
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored); // 12 messages/s instead of 600 without
    std::make_shared<session>(state_, std::move(socket))->read();
  }

  void tick()
  {
    timer_.expires_after(std::chrono::nanoseconds(state_->config.refresh_ns));
    timer_.async_wait([self = shared_from_this()](error_code failure) {
      if (failure || self->state_->is_closed) {
        return;
      }
      self->refresh();
      self->tick();
    });
  }

  void refresh()
  {
    state_->content.refresh();
    state_->sockets.remove_if([](const auto& held) { return held.expired(); });
    for (const auto& held : state_->sockets) {
      if (const auto socket = held.lock()) {
        socket->feed();
      }
    }
    if (!is_accepting_) {
      accept();
    }
  }

  state_pointer state_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  tcp::endpoint endpoint_;
  bool is_accepting_ = false;
};

} // namespace

struct live_server::parts {
  std::unique_ptr<asio::io_context> own_context;
  std::shared_ptr<listener> listening;
  std::thread thread;
};

live_server::live_server(std::unique_ptr<parts> made) : parts_(std::move(made)) {}

live_server::~live_server() // NOLINT(bugprone-exception-escape): stop, join and cancel do not fail here
{
  if (parts_->own_context) {
    parts_->own_context->stop();
    parts_->thread.join();
  }
  parts_->listening->close(); // what is open on another's context ends within the time limit
}

result<std::unique_ptr<live_server>>
live_server::open(live_server_config config, std::function<live_status()> source, asio::io_context* context)
{
  auto made = std::make_unique<parts>();
  if (context == nullptr) {
    made->own_context = std::make_unique<asio::io_context>(1);
    context = made->own_context.get();
  }
  made->listening = std::make_shared<listener>(
      *context, std::make_shared<shared_state>(std::move(config), std::move(source)));
  if (auto failure = made->listening->open()) {
    return *std::move(failure);
  }
  if (made->own_context) {
    made->thread = std::thread([context] { context->run(); });
  }
  return std::unique_ptr<live_server>(new live_server(std::move(made)));
}

std::uint16_t live_server::port() const
{
  return parts_->listening->endpoint().port();
}

std::string live_server::url() const
{
  const auto address = parts_->listening->endpoint().address();
  const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return fmt::format("http://{}:{}/", host, port());
}

const live_server_counters& live_server::counters() const
{
  return parts_->listening->state().counters;
}

} // namespace pado::apps
