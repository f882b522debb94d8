// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_status.h"
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pado::apps {

/// What of a request the answer depends on. Views into the request.
struct live_request {
  std::string_view method; ///< "GET"
  std::string_view target; ///< "/metrics", perhaps with a query
  std::string_view host;   ///< header Host, empty without one
  std::string_view origin; ///< header Origin, empty without one
  bool is_upgrade = false; ///< asks for a WebSocket
};

struct live_reply {
  int status = 200;
  std::string body;
  std::vector<std::pair<const char*, std::string>> headers; ///< all but length and connection
};

struct live_content_config {
  bool has_page = false;
  std::int64_t stale_ns = 5'000'000'000; ///< no slot for so long: /health says 503
  /// Names of this host besides localhost, its own and IP addresses. Others are refused: a page elsewhere
  /// that lets its name point to 127.0.0.1 must not read ours.
  std::vector<std::string> host_names;
};

/// What the live server says, without the network. One thread.
class live_content {
public:
  live_content(live_content_config config, std::function<live_status()> source);

  /// Asks the source; answers are of this moment until the next refresh().
  void refresh();
  /// Answer to any request; never an upgrade.
  live_reply answer(const live_request& request);
  /// Answer to what is no request that we take.
  live_reply malformed(int status, const std::string& why) const;
  /// Whether the request may open the WebSocket; else answer() says why not.
  bool may_upgrade(const live_request& request) const;

  const std::string& status_json();

private:
  std::optional<live_reply> refuse(const live_request& request) const;
  live_reply health() const;
  const std::string& metrics();

  live_content_config config_;
  std::function<live_status()> source_;
  live_status status_;
  std::string json_;    ///< empty: nobody asked since the last refresh
  std::string metrics_; ///< so too
  std::uint64_t nof_slots_ = 0;
  std::int64_t last_slot_ns_ = 0; ///< status_.now_ns when the number of slots last grew
};

/// "localhost", "127.0.0.1:9464", "[::1]:9464" and any IP address, or one of `host_names`; ports do not
/// matter.
bool is_own_host(std::string_view host, const std::vector<std::string>& host_names);

} // namespace pado::apps
