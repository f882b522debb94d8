// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counter.h"
#include "core/result.h"
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace pado::apps {

/// Where records go that a live receiver makes: a file, or a Unix stream socket that a reader listens on.
///
/// A socket is connected to when somebody listens, tried anew once a second, and never waited for: what
/// neither the reader nor the queue takes is dropped, whole records, and counted. One thread.
class run_output {
public:
  /// name  a file to write, or unix:PATH to connect to
  /// max_queued_bytes  for a reader that is slow
  /// \errors the file cannot be written; the path is too long for a socket
  static result<std::unique_ptr<run_output>> open(const std::string& name,
                                                  std::size_t max_queued_bytes = std::size_t{8} << 20U);
  ~run_output();
  run_output(const run_output&) = delete;
  run_output& operator=(const run_output&) = delete;

  /// A record: a line with its end, or a binary message.
  void write(std::string_view record);
  /// Connects and sends what waits; files are flushed. Call it often.
  void tick(std::int64_t now_ns);

  bool is_connected() const { return file_ != nullptr || socket_ >= 0; }
  std::uint64_t nof_written() const { return nof_written_; }
  std::uint64_t nof_dropped() const { return nof_dropped_; }

private:
  run_output() = default;
  void connect();
  void disconnect();
  void send();

  std::FILE* file_ = nullptr;
  std::string path_; ///< of the socket
  int socket_ = -1;
  std::size_t max_queued_ = 0;
  std::string queue_;
  std::size_t sent_ = 0; ///< bytes of queue_ that are gone
  std::int64_t next_try_ns_ = 0;
  std::uint64_t nof_written_ = 0;
  std::uint64_t nof_dropped_ = 0;
};

} // namespace pado::apps
