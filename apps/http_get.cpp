// SPDX-License-Identifier: Apache-2.0
#include "apps/http_get.h"
#include "core/clock.h"
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pado::apps {

namespace {

constexpr std::size_t max_answer_bytes = std::size_t{16} << 20;

/// A socket that does not block.
class connection {
public:
  explicit connection(int descriptor) : descriptor_(descriptor) {}
  ~connection()
  {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  int descriptor() const { return descriptor_; }

  /// Until it can be read or written. False: the time is over.
  bool wait(short events, std::int64_t end_ns) const
  {
    for (;;) {
      const std::int64_t left_ms = (end_ns - steady_clock().now_ns()) / 1000000;
      pollfd one = {descriptor_, events, 0};
      const int n = left_ms > 0 ? poll(&one, 1, static_cast<int>(left_ms)) : 0;
      if (n >= 0 || errno != EINTR) {
        return n > 0;
      }
    }
  }

private:
  int descriptor_;
};

error said(int number, const std::string& where)
{
  std::array<char, 128> text = {};
  return {where, strerror_r(number, text.data(), text.size())};
}

/// Connects to the first address that takes it.
result<std::unique_ptr<connection>>
connect_to(const std::string& host, std::uint16_t port, std::int64_t end_ns, const std::string& where)
{
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int wrong = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (wrong != 0) {
    return error{where, gai_strerror(wrong)};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  int last = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    auto made = std::make_unique<connection>(
        socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol));
    last = made->descriptor() < 0 ? errno : 0;
    if (last == 0 && connect(made->descriptor(), at->ai_addr, at->ai_addrlen) != 0) {
      last = errno;
    }
    if (last == EINPROGRESS) {
      socklen_t size = sizeof(last);
      if (!made->wait(POLLOUT, end_ns)) {
        last = ETIMEDOUT;
      } else {
        getsockopt(made->descriptor(), SOL_SOCKET, SO_ERROR, &last, &size);
      }
    }
    if (last == 0) {
      return made;
    }
  }
  return said(last, where);
}

/// Status and body of an answer that ended with the connection.
result<std::string> body_of(const std::string& answer, const std::string& where)
{
  const std::size_t end = answer.find("\r\n\r\n");
  if (answer.rfind("HTTP/1.", 0) != 0 || answer.size() < 12 || end == std::string::npos ||
      answer.find_first_not_of("0123456789", 9) != 12) {
    return error{where, "does not speak HTTP: is it the port of --metrics?"};
  }
  const std::string status = answer.substr(9, 3);
  if (status != "200") {
    return error{where, "answered with HTTP status " + status};
  }
  return answer.substr(end + 4);
}

} // namespace

result<std::string>
http_get(const std::string& host, std::uint16_t port, const std::string& target, std::int64_t timeout_ns)
{
  const std::int64_t end_ns = steady_clock().now_ns() + timeout_ns;
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string authority = fmt::format("{}:{}", is_v6 ? "[" + host + "]" : host, port);
  auto connected = connect_to(host, port, end_ns, authority);
  if (!connected) {
    return connected.failure();
  }
  const connection& link = *connected.value();
  const std::string request = fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", target, authority);
  if (send(link.descriptor(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return said(errno, authority);
  }
  std::string answer;
  std::array<char, 65536> part = {};
  for (;;) {
    if (!link.wait(POLLIN, end_ns)) {
      return error{authority,
                   fmt::format("did not answer within {:.1f} s", static_cast<double>(timeout_ns) / 1e9)};
    }
    const ssize_t n = recv(link.descriptor(), part.data(), part.size(), 0);
    if (n == 0) {
      return body_of(answer, authority);
    }
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
      return said(errno, authority);
    }
    answer.append(part.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    if (answer.size() > max_answer_bytes) {
      return error{authority, "answers with more than 16 MiB: is it pado run?"};
    }
  }
}

} // namespace pado::apps
