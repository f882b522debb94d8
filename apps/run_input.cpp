// SPDX-License-Identifier: Apache-2.0
#include "apps/run_input.h"
#include "apps/unix_socket.h"
#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace pado::apps {

namespace {

constexpr int max_reads = 16; // of one tick, 64 KiB each: a flood of lines does not keep the control thread

} // namespace

result<std::unique_ptr<run_input>> run_input::open(const std::string& name)
{
  std::unique_ptr<run_input> in(new run_input);
  if (name == "-") {
    in->stream_ = STDIN_FILENO;
    return in;
  }
  const auto path = unix_path_of(name);
  if (!path) {
    return error{name, "must be - (standard input) or unix:PATH"};
  }
  if (const auto wrong = check_unix_path(*path)) {
    return *wrong;
  }
  const auto listening = listen_unix(*path);
  if (!listening) {
    return listening.failure();
  }
  in->path_ = *path;
  in->listening_ = listening.value();
  return in;
}

run_input::~run_input()
{
  drop_client();
  if (listening_ >= 0) {
    close(listening_);
    unlink(path_.c_str());
  }
}

void run_input::drop_client()
{
  if (stream_ > STDIN_FILENO) {
    close(stream_);
  }
  stream_ = -1;
  lines_.restart();
}

void run_input::tick(const std::function<void(std::string_view)>& each)
{
  for (int i = 0; i < max_reads && read_some(each); ++i) {
  }
}

bool run_input::read_some(const std::function<void(std::string_view)>& each)
{
  if (stream_ < 0 && listening_ >= 0) {
    stream_ = accept_unix(listening_);
  }
  if (stream_ < 0) {
    return false;
  }
  pollfd ready = {stream_, POLLIN, 0};
  if (::poll(&ready, 1, 0) <= 0) {
    return false;
  }
  std::array<char, 65536> chunk;
  const ssize_t n = read(stream_, chunk.data(), chunk.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    return false;
  }
  if (n <= 0) {
    has_ended_ = listening_ < 0;
    drop_client();
    return false;
  }
  lines_.take({chunk.data(), static_cast<std::size_t>(n)}, each);
  return true;
}

} // namespace pado::apps
