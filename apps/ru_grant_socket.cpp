// SPDX-License-Identifier: Apache-2.0
#include "apps/ru_grant_socket.h"
#include "apps/schedule_file.h"
#include "apps/unix_socket.h"
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pado::apps {

namespace {

constexpr std::size_t max_line_bytes = std::size_t{1} << 20U;
constexpr int poll_ms = 50; ///< how long stopping may take

/// Whether something can be read from it soon.
bool is_ready(int descriptor)
{
  pollfd one = {descriptor, POLLIN, 0};
  return ::poll(&one, 1, poll_ms) > 0;
}

} // namespace

result<std::unique_ptr<ru_grant_socket>> ru_grant_socket::listen(const std::string& name,
                                                                 std::shared_ptr<ru_grant_desk> desk)
{
  const auto path = unix_path_of(name);
  if (!path || check_unix_path(*path)) {
    return error{"--grants", "is " + name.substr(0, 120) + ", must be unix:PATH of less than 108 letters"};
  }
  const result<int> listener = listen_unix(*path);
  if (!listener) {
    return listener.failure();
  }
  return std::unique_ptr<ru_grant_socket>(new ru_grant_socket(*path, listener.value(), std::move(desk)));
}

ru_grant_socket::ru_grant_socket(std::string path, int listener, std::shared_ptr<ru_grant_desk> desk)
    : path_(std::move(path)), listener_(listener), desk_(std::move(desk)), thread_([this] { serve(); })
{
}

ru_grant_socket::~ru_grant_socket()
{
  stop_.store(true, std::memory_order_relaxed); // the join is what orders memory
  thread_.join();
  ::close(listener_);
  ::unlink(path_.c_str());
}

void ru_grant_socket::serve()
{
  while (!stop_.load(std::memory_order_relaxed)) {
    const int client = is_ready(listener_) ? ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC) : -1;
    if (client < 0) {
      continue;
    }
    std::string text;
    while (!stop_.load(std::memory_order_relaxed) && (!is_ready(client) || read_from(client, text))) {
    }
    ::close(client);
  }
}

bool ru_grant_socket::read_from(int client, std::string& text)
{
  std::array<char, 65536> chunk;
  const ssize_t nof_bytes = ::recv(client, chunk.data(), chunk.size(), 0);
  if (nof_bytes <= 0) {
    return nof_bytes < 0 && errno == EINTR;
  }
  text.append(chunk.data(), static_cast<std::size_t>(nof_bytes));
  take_lines(text);
  if (text.size() > max_line_bytes) {
    unreadable_.add();
    return false; // nobody knows where its next line begins
  }
  return true;
}

void ru_grant_socket::take_lines(std::string& text)
{
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    const auto parsed = parse_schedule(std::string_view(text).substr(begin, end - begin), "grants");
    begin = end + 1;
    lines_.add();
    if (!parsed) {
      unreadable_.add();
      continue;
    }
    for (const scheduled_slot& slot : parsed.value().slots) {
      desk_->submit(slot.plan);
    }
  }
  text.erase(0, begin);
}

} // namespace pado::apps
