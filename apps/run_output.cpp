// SPDX-License-Identifier: Apache-2.0
#include "apps/run_output.h"
#include "apps/unix_socket.h"
#include "core/errno_text.h"
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>

namespace pado::apps {

namespace {

constexpr std::int64_t between_tries_ns = 1'000'000'000;

} // namespace

result<std::unique_ptr<run_output>> run_output::open(const std::string& name, std::size_t max_queued_bytes)
{
  std::unique_ptr<run_output> out(new run_output);
  out->max_queued_ = max_queued_bytes;
  if (const auto path = unix_path_of(name)) {
    if (const auto wrong = check_unix_path(*path)) {
      return *wrong;
    }
    out->path_ = *path;
    return out;
  }
  out->file_ = std::fopen(name.c_str(), "wb");
  if (out->file_ == nullptr) {
    return error{name, std::string("cannot be written: ") + errno_text(errno)};
  }
  return out;
}

run_output::~run_output()
{
  send();
  disconnect();
  if (file_ != nullptr) {
    std::fclose(file_);
  }
}

void run_output::write(std::string_view record)
{
  if (file_ != nullptr) {
    const bool is_whole = std::fwrite(record.data(), 1, record.size(), file_) == record.size();
    ++(is_whole ? nof_written_ : nof_dropped_);
    return;
  }
  if (socket_ < 0 || queue_.size() - sent_ + record.size() > max_queued_) {
    ++nof_dropped_;
    return;
  }
  queue_.append(record);
  ++nof_written_;
}

void run_output::tick(std::int64_t now_ns)
{
  if (file_ != nullptr) {
    if (now_ns >= next_try_ns_) {
      next_try_ns_ = now_ns + between_tries_ns;
      std::fflush(file_);
    }
    return;
  }
  if (socket_ < 0 && now_ns >= next_try_ns_) {
    next_try_ns_ = now_ns + between_tries_ns;
    connect();
  }
  send();
}

void run_output::connect()
{
  socket_ = connect_unix(path_);
}

void run_output::disconnect()
{
  if (socket_ >= 0) {
    close(socket_);
  }
  socket_ = -1;
  queue_.clear();
  sent_ = 0;
}

void run_output::send()
{
  while (socket_ >= 0 && sent_ < queue_.size()) {
    const ssize_t n =
        ::send(socket_, queue_.data() + sent_, queue_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
      break;
    }
    if (n < 0) {
      disconnect(); // the reader has gone; another one may come
      return;
    }
    sent_ += static_cast<std::size_t>(n);
  }
  if (sent_ == queue_.size() || sent_ > max_queued_ / 2) {
    queue_.erase(0, sent_);
    sent_ = 0;
  }
}

} // namespace pado::apps
