// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/live_content.h"
#include "core/counter.h"
#include "core/result.h"
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace pado::apps {

inline constexpr std::uint16_t default_live_port = 9464;

struct live_server_config {
  std::string listen = "127.0.0.1"; ///< address to bind
  std::uint16_t port = 0;           ///< 0: any that is free
  live_content_config content;
  std::int64_t refresh_ns = 500'000'000;   ///< the source is asked, and WebSockets are fed, so often
  std::int64_t timeout_ns = 5'000'000'000; ///< for a whole request, and for a whole answer to be taken
  std::int32_t max_connections = 64;
};

/// Connections since the start. Written by the server's thread.
struct live_server_counters {
  counter accepted;
  counter refused;   ///< there were max_connections
  counter requests;  ///< answered, with whatever status
  counter malformed; ///< no HTTP, or longer than the limits
  counter upgraded;  ///< WebSockets
  counter dropped;   ///< too slow to send a request or to take an answer
};

/// Metrics, health, status and page of a running pado over HTTP.
///
/// Requests have at most 8 KiB and no body. Nothing that a client does reaches further than the source, and
/// the source is asked at a fixed pace however many clients there are.
class live_server {
public:
  /// Binds and begins. With `context`: everything, `source` too, runs on the one thread that runs it, and the
  /// server is destroyed on that thread or after it. Without: on a thread of its own.
  /// \errors what the system said about address and port
  static result<std::unique_ptr<live_server>> open(live_server_config config,
                                                   std::function<live_status()> source,
                                                   boost::asio::io_context* context = nullptr);
  ~live_server(); // NOLINT(bugprone-exception-escape)
  live_server(const live_server&) = delete;
  live_server& operator=(const live_server&) = delete;

  std::uint16_t port() const;
  std::string url() const; ///< "http://127.0.0.1:9464/"
  const live_server_counters& counters() const;

private:
  struct parts;
  explicit live_server(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

} // namespace pado::apps
