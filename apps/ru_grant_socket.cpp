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
    line_cutter lines(max_line_bytes);
    while (!stop_.load(std::memory_order_relaxed) && (!is_ready(client) || read_from(client, lines))) {
    }
    ::close(client);
  }
}

bool ru_grant_socket::read_from(int client, line_cutter& lines)
{
  std::array<char, 65536> chunk;
  const ssize_t nof_bytes = ::recv(client, chunk.data(), chunk.size(), 0);
  if (nof_bytes <= 0) {
    return nof_bytes < 0 && errno == EINTR;
  }
  const std::uint64_t before = lines.nof_too_long();
  lines.take({chunk.data(), static_cast<std::size_t>(nof_bytes)},
             [this](std::string_view line) { take_line(line); });
  lines_.add(lines.nof_too_long() - before);
  unreadable_.add(lines.nof_too_long() - before);
  return true;
}

void ru_grant_socket::take_line(std::string_view line)
{
  const auto parsed = parse_schedule(line, "grants");
  lines_.add();
  if (!parsed) {
    unreadable_.add();
    return;
  }
  for (const scheduled_slot& slot : parsed.value().slots) {
    desk_->submit(slot.plan);
  }
}

} // namespace pado::apps
