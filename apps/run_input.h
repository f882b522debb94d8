// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/line_cutter.h"
#include "core/result.h"
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pado::apps {

/// Lines that come while a receiver runs: from standard input, or from one client at a time of a Unix stream
/// socket. Never waits. One thread.
class run_input {
public:
  static constexpr std::size_t max_line_bytes = std::size_t{1} << 18U;

  /// name  "-", or unix:PATH to listen on
  /// \errors neither of the two; what the system said
  static result<std::unique_ptr<run_input>> open(const std::string& name);
  ~run_input();
  run_input(const run_input&) = delete;
  run_input& operator=(const run_input&) = delete;

  /// Whole lines that are there, without their ends; the rest of a chunk waits for the next call.
  void tick(const std::function<void(std::string_view)>& each);

  bool has_ended() const { return has_ended_; } ///< standard input only
  std::uint64_t nof_too_long() const { return lines_.nof_too_long(); }

private:
  run_input() = default;
  bool read_some(const std::function<void(std::string_view)>& each);
  void drop_client();

  std::string path_;
  int listening_ = -1;
  int stream_ = -1;
  line_cutter lines_{max_line_bytes};
  bool has_ended_ = false;
};

} // namespace pado::apps
