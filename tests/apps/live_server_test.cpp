// SPDX-License-Identifier: Apache-2.0
// ctest: net
#include "apps/http_get.h"
#include "apps/live_json.h"
#include "apps/live_metrics.h"
#include "apps/live_server.h"
#include "tests/apps/known_status.h"
#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace pado::apps; // NOLINT(google-build-using-namespace)
using nlohmann::json;
using pado::test::known_status;

namespace {

constexpr std::int64_t second_ns = 1000000000;

/// A plain TCP connection to the server.
class client {
public:
  explicit client(const live_server& server, int receive_buffer = 0)
      : descriptor_(socket(AF_INET, SOCK_STREAM, 0))
  {
    if (receive_buffer > 0) {
      setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~client() { close(descriptor_); }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  bool is_connected() const { return is_connected_; }
  void send(const std::string& bytes) const
  {
    [[maybe_unused]] const auto n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  /// What is there within the time; empty at the end of the connection or of the time.
  std::string receive(int timeout_ms = 5000) const
  {
    pollfd one = {descriptor_, POLLIN, 0};
    std::string part(65536, '\0');
    const ssize_t n = poll(&one, 1, timeout_ms) == 1 ? recv(descriptor_, part.data(), part.size(), 0) : 0;
    part.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return part;
  }
  /// Everything until the other side ends.
  std::string receive_all() const
  {
    std::string all;
    for (std::string part = receive(); !part.empty(); part = receive()) {
      all += part;
    }
    return all;
  }

private:
  int descriptor_;
  bool is_connected_ = false;
};

std::unique_ptr<live_server> open_server(
    live_server_config config = {}, std::function<live_status()> source = [] { return known_status(); })
{
  auto opened = live_server::open(std::move(config), std::move(source));
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.failure().text()));
  return std::move(opened.value());
}

std::string get(const live_server& server, const std::string& target)
{
  auto body = http_get("127.0.0.1", server.port(), target, 5 * second_ns);
  REQUIRE_MESSAGE(body, (body ? "" : body.failure().text()));
  return body.value();
}

/// Status line and headers of a raw request, and its body.
std::string ask(const live_server& server, const std::string& request)
{
  const client link(server);
  link.send(request);
  return link.receive_all();
}

int status_of(const std::string& answer)
{
  return answer.rfind("HTTP/1.1 ", 0) == 0 ? std::atoi(answer.c_str() + 9) : 0;
}

constexpr const char* upgrade =
    "GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// The next text message of a WebSocket; `input` keeps what came behind it. \spec RFC 6455, 5.2
std::string next_message(const client& link, std::string& input)
{
  const auto need = [&](std::size_t size) {
    while (input.size() < size) {
      const std::string part = link.receive();
      REQUIRE(!part.empty());
      input += part;
    }
  };
  need(4);
  REQUIRE(static_cast<unsigned char>(input[0]) ==
          0x81); // one final frame of text, not masked, not compressed
  std::size_t size = static_cast<unsigned char>(input[1]);
  std::size_t begin = 2;
  const std::size_t nof_size_bytes = size == 127 ? 8 : size == 126 ? 2 : 0;
  need(2 + nof_size_bytes);
  if (nof_size_bytes != 0) {
    size = 0;
    for (; begin < 2 + nof_size_bytes; ++begin) {
      size = size << 8 | static_cast<unsigned char>(input[begin]);
    }
  }
  need(begin + size);
  std::string message = input.substr(begin, size);
  input.erase(0, begin + size);
  return message;
}

/// Polls until it holds; 5 s are enough for anything here.
template <class Condition>
bool soon(const Condition& holds)
{
  for (int i = 0; i < 500 && !holds(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return holds();
}

} // namespace

TEST_CASE("live_server: /metrics is what live_metrics makes")
{
  const auto server = open_server();
  CHECK(get(*server, "/metrics") == live_metrics(known_status()));
}

TEST_CASE("live_server: /status is the status, and reading it back gives the same")
{
  const auto server = open_server();
  const std::string body = get(*server, "/status");
  const json status = json::parse(body);
  CHECK(status["state"] == "running");
  CHECK(status["packets"][1]["dropped"]["late"] == 103);
  CHECK(status["ues"][1]["rnti"] == 0x4602);
  CHECK(status["grants"].size() == known_status().grants.size());
  CHECK(status["latency_us"]["front_end"]["max"] == doctest::Approx(190.4).epsilon(0.2));
  const auto read = parse_live_json(body);
  REQUIRE(read);
  CHECK(live_json(read.value()) + "\n" == body);
}

TEST_CASE("live_server: /health says 200 while slots come, 503 when they stop and when pado does not run")
{
  std::atomic<std::int64_t> now_s = 100, slots_until_s = 1000;
  std::atomic<bool> is_faulted = false;
  live_server_config config;
  config.refresh_ns = 10 * 1000000;
  const auto server = open_server(config, [&] {
    live_status status = known_status(std::min(now_s.load(), slots_until_s.load()));
    status.now_ns = pado::test::known_start_ns + now_s * second_ns;
    status.state = is_faulted ? "faulted" : "running";
    return status;
  });
  const std::string request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  CHECK(status_of(ask(*server, request)) == 200);
  slots_until_s = 100;
  now_s = 104; // 4 s without a slot are not yet too many
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(status_of(ask(*server, request)) == 200);
  now_s = 107;
  CHECK(soon([&] { return status_of(ask(*server, request)) == 503; }));
  const std::string answer = ask(*server, request);
  const json body = json::parse(answer.substr(answer.find("\r\n\r\n")));
  CHECK(body["healthy"] == false);
  CHECK(body["last_slot_age_s"].get<double>() == doctest::Approx(7.0));
  slots_until_s = 1000;
  CHECK(soon([&] { return status_of(ask(*server, request)) == 200; }));
  is_faulted = true;
  CHECK(soon([&] { return status_of(ask(*server, request)) == 503; }));
}

TEST_CASE("live_server: the WebSocket sends the status again and again, fresh each time")
{
  std::atomic<std::int64_t> now_s = 100;
  live_server_config config;
  config.refresh_ns = 20 * 1000000;
  const auto server = open_server(config, [&] { return known_status(now_s++); });
  const client link(*server);
  link.send(std::string(upgrade) + "Origin: http://127.0.0.1\r\n\r\n");
  std::string input = link.receive();
  CHECK(status_of(input) == 101);
  CHECK(input.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") !=
        std::string::npos); // RFC 6455, 1.3
  CHECK(input.find("permessage-deflate") == std::string::npos);
  input.erase(0, input.find("\r\n\r\n") + 4);
  std::int64_t before_ns = 0;
  for (int i = 0; i < 5; ++i) {
    const auto status = parse_live_json(next_message(link, input));
    REQUIRE(status);
    CHECK(status.value().now_ns > before_ns);
    before_ns = status.value().now_ns;
  }
  CHECK(server->counters().upgraded.value() == 1);
}

TEST_CASE("live_server: other hosts' names and other pages' requests are refused")
{
  live_server_config config;
  config.content.host_names = {"Lab-Box"};
  const auto server = open_server(config);
  const auto status = [&](const std::string& headers) {
    return status_of(ask(*server, "GET /status HTTP/1.1\r\nConnection: close\r\n" + headers + "\r\n"));
  };
  CHECK(status("Host: 127.0.0.1:9464\r\n") == 200);
  CHECK(status("Host: localhost\r\n") == 200);
  CHECK(status("Host: [::1]:80\r\n") == 200);
  CHECK(status("Host: lab-box:9464\r\n") == 200);
  char own[256] = {};
  REQUIRE(gethostname(own, sizeof(own) - 1) == 0);
  CHECK(status("Host: " + std::string(own) + ":9464\r\n") == 200);
  CHECK(status("Host: evil.example\r\n") == 421);
  CHECK(status("Host: 127.0.0.1.evil.example\r\n") == 421);
  CHECK(status("Host: [\r\n") == 421);
  CHECK(status("") == 421);
  CHECK(status("Host: localhost\r\nOrigin: http://localhost\r\n") == 200);
  CHECK(status("Host: localhost\r\nOrigin: http://evil.example\r\n") == 403);
  CHECK(status("Host: localhost\r\nOrigin: null\r\n") == 403);
  CHECK(status_of(ask(*server, std::string(upgrade) + "Origin: http://evil.example\r\n\r\n")) == 403);
  CHECK(server->counters().upgraded.value() == 0);
}

TEST_CASE("live_server: what is not asked rightly gets its status, and the connection ends")
{
  const auto server = open_server();
  const std::string host = "Host: localhost\r\nConnection: close\r\n";
  CHECK(status_of(ask(*server, "GET /nothing HTTP/1.1\r\n" + host + "\r\n")) == 404);
  CHECK(status_of(ask(*server, "DELETE /status HTTP/1.1\r\n" + host + "\r\n")) == 405);
  CHECK(status_of(ask(*server, "GET /live HTTP/1.1\r\n" + host + "\r\n")) == 426);
  CHECK(status_of(ask(*server, "hello\r\n\r\n")) == 400);
  CHECK(status_of(ask(*server, "GET /status HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello")) == 413);
  CHECK(status_of(ask(*server, "GET / HTTP/1.1\r\n" + host + "X: " + std::string(9000, 'x') + "\r\n\r\n")) ==
        431);
  CHECK(server->counters().malformed.value() == 3);
  const std::string head = ask(*server, "HEAD /status HTTP/1.1\r\n" + host + "\r\n");
  CHECK(status_of(head) == 200);
  CHECK(head.find("\r\n\r\n") + 4 == head.size());
  CHECK(head.find("Access-Control-Allow-Origin") == std::string::npos);
  CHECK(get(*server, "/").find("--page") != std::string::npos); // without has_page it says how to get it
}

TEST_CASE("live_server: a thousand connections of garbage leave it as it was")
{
  const auto server = open_server();
  std::mt19937 random(7);
  const std::string good = std::string(upgrade) + "\r\n";
  for (int i = 0; i < 1000; ++i) {
    const client link(*server);
    REQUIRE(link.is_connected());
    std::string bytes = i % 2 == 0 ? good : std::string(random() % 300, '\0');
    if (i % 2 == 0) { // a handshake with some bytes changed, and frames behind it
      bytes += "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff";
      for (int change = 0; change < 3; ++change) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
    } else {
      for (char& byte : bytes) {
        byte = static_cast<char>(random());
      }
    }
    link.send(bytes.substr(0, random() % (bytes.size() + 1)));
  }
  CHECK(soon([&] { return json::parse(get(*server, "/status"))["state"] == "running"; }));
  const auto& counters = server->counters();
  CHECK(counters.accepted.value() + counters.refused.value() >= 1000);
}

TEST_CASE("live_server: slow senders are dropped, too many connections are refused, others are served")
{
  live_server_config config;
  config.timeout_ns = second_ns / 2;
  config.max_connections = 8;
  const auto server = open_server(config);
  std::vector<std::unique_ptr<client>> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(std::make_unique<client>(*server));
    slow.back()->send("GET /status HTTP/1.1\r\nHost: loc");
  }
  CHECK(soon([&] { return server->counters().accepted.value() == 8; }));
  CHECK(client(*server).receive().empty());
  CHECK(server->counters().refused.value() == 1);
  for (int i = 0; i < 4; ++i) { // a byte now and then does not buy time
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    slow[0]->send("a");
  }
  CHECK(soon([&] { return server->counters().dropped.value() == 8; }));
  CHECK(!get(*server, "/status").empty());
}

TEST_CASE("live_server: a WebSocket that is not read is dropped")
{
  live_server_config config;
  config.timeout_ns = second_ns / 5;
  config.refresh_ns = second_ns / 100;
  const auto server = open_server(config, [] {
    live_status status = known_status();
    for (int i = 0; i < 5; ++i) { // 700 kB a message: more than the kernel keeps for a reader that sleeps
      status.grants.insert(status.grants.end(), status.grants.begin(), status.grants.end());
    }
    return status;
  });
  const client link(*server, 4096);
  link.send(std::string(upgrade) + "\r\n");
  CHECK(soon([&] { return server->counters().upgraded.value() == 1; }));
  CHECK(soon([&] { return server->counters().dropped.value() == 1; }));
}

TEST_CASE("live_server: an address that is not ours, or a port in use, is refused with the reason")
{
  const auto first = open_server();
  live_server_config config;
  config.port = first->port();
  const auto second = live_server::open(config, [] { return known_status(); });
  REQUIRE(!second);
  CHECK(second.failure().text().find("in use") != std::string::npos);
  config.listen = "somewhere";
  const auto third = live_server::open(config, [] { return known_status(); });
  REQUIRE(!third);
  CHECK(third.failure().field == "--listen");
}

TEST_CASE("http_get: says what is wrong within its time")
{
  const auto server = open_server();
  const auto missing = http_get("127.0.0.1", server->port(), "/nothing", second_ns);
  REQUIRE(!missing);
  CHECK(missing.failure().text().find("404") != std::string::npos);
  const std::uint16_t port = open_server()->port(); // free again
  const auto refused = http_get("127.0.0.1", port, "/status", second_ns);
  REQUIRE(!refused);
  CHECK(refused.failure().text().find("efused") != std::string::npos);
}
