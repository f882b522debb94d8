// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/line_cutter.h"
#include "apps/ru_grants.h"
#include "core/counter.h"
#include "core/result.h"
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace pado::apps {

/// Listens on a Unix socket for schedule lines and hands them to a desk. One client at a time; another may
/// come when it has gone.
class ru_grant_socket {
public:
  /// name  "unix:PATH"; a socket that is there from before and that nobody listens on is replaced
  /// \errors another form; the path is too long; what listen_unix() refuses
  static result<std::unique_ptr<ru_grant_socket>> listen(const std::string& name,
                                                         std::shared_ptr<ru_grant_desk> desk);
  ~ru_grant_socket();
  ru_grant_socket(const ru_grant_socket&) = delete;
  ru_grant_socket& operator=(const ru_grant_socket&) = delete;

  std::uint64_t nof_lines() const noexcept { return lines_.value(); }
  /// Lines that are no schedule, or are longer than 1 MiB.
  std::uint64_t nof_unreadable() const noexcept { return unreadable_.value(); }

private:
  ru_grant_socket(std::string path, int listener, std::shared_ptr<ru_grant_desk> desk);
  void serve();
  bool read_from(int client, line_cutter& lines);
  void take_line(std::string_view line);

  std::string path_;
  int listener_;
  std::shared_ptr<ru_grant_desk> desk_;
  std::atomic<bool> stop_{false};
  counter lines_, unreadable_;
  std::thread thread_;
};

} // namespace pado::apps
