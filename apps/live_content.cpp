// SPDX-License-Identifier: Apache-2.0
#include "apps/live_content.h"
#include "apps/live_json.h"
#include "apps/live_metrics.h"
#include "apps/page/page.h"
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace pado::apps {

namespace {

constexpr const char* plain = "text/plain; charset=utf-8";
constexpr const char* json_type = "application/json";

/// "host:9464" and "[::1]:9464" without their ports, in lower case.
std::string host_of(std::string_view authority)
{
  if (!authority.empty() && authority.front() == '[') {
    authority = authority.substr(0, authority.find(']'));
    authority.remove_prefix(1);
  } else {
    authority = authority.substr(0, authority.rfind(':'));
  }
  std::string out(authority);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

bool is_ip_address(const std::string& host)
{
  std::array<unsigned char, sizeof(in6_addr)> address = {};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

live_reply reply_of(int status, const char* type, std::string body)
{
  return {status,
          std::move(body),
          {{"Content-Type", type},
           {"Server", "pado"},
           {"Cache-Control", "no-store"},
           {"X-Content-Type-Options", "nosniff"},
           {"Cross-Origin-Resource-Policy", "same-origin"},
           {"Referrer-Policy", "no-referrer"}}};
}

live_reply text_reply(int status, std::string body)
{
  return reply_of(status, plain, std::move(body));
}

} // namespace

bool is_own_host(std::string_view authority, const std::vector<std::string>& host_names)
{
  const std::string host = host_of(authority);
  return host == "localhost" || is_ip_address(host) ||
         std::find(host_names.begin(), host_names.end(), host) != host_names.end();
}

live_content::live_content(live_content_config config, std::function<live_status()> source)
    : config_(std::move(config)), source_(std::move(source))
{
  std::array<char, 256> own = {};
  if (gethostname(own.data(), own.size() - 1) == 0 && own[0] != '\0') {
    config_.host_names.emplace_back(own.data());
  }
  for (std::string& name : config_.host_names) {
    name = host_of(name);
  }
  status_ = source_();
  last_slot_ns_ = status_.now_ns;
  refresh();
}

void live_content::refresh()
{
  status_ = source_();
  std::uint64_t nof_slots = 0;
  for (const live_status::cell_status& cell : status_.cells) {
    nof_slots += cell.slots_complete + cell.slots_incomplete + cell.slots_decoded;
  }
  if (nof_slots != nof_slots_) {
    nof_slots_ = nof_slots;
    last_slot_ns_ = status_.now_ns;
  }
  json_.clear();
  metrics_.clear();
}

const std::string& live_content::status_json()
{
  if (json_.empty()) {
    json_ = live_json(status_);
  }
  return json_;
}

const std::string& live_content::metrics()
{
  if (metrics_.empty()) {
    metrics_ = live_metrics(status_);
  }
  return metrics_;
}

live_reply live_content::health() const
{
  const std::int64_t age_ns = std::max<std::int64_t>(0, status_.now_ns - last_slot_ns_);
  const char* why = nullptr;
  if (status_.state != "running") {
    why = "not running";
  } else if (age_ns > config_.stale_ns) {
    why = "no slot with data came: is the radio unit sending?";
  }
  nlohmann::ordered_json body = {
      {"healthy", why == nullptr},
      {"state", status_.state},
      {"last_slot_age_s", std::round(1e-6 * static_cast<double>(age_ns)) / 1000.0}};
  if (why != nullptr) {
    body["why"] = why;
  }
  return reply_of(why == nullptr ? 200 : 503, json_type, body.dump() + "\n");
}

std::optional<live_reply> live_content::refuse(const live_request& request) const
{
  if (!is_own_host(request.host, config_.host_names)) {
    return text_reply(421, "pado: the header Host names another host; use an IP address or localhost\n");
  }
  // A page from elsewhere may send requests here, and open a WebSocket, without asking. Its browser says so.
  const std::size_t scheme = request.origin.find("://");
  if (!request.origin.empty() &&
      (scheme == std::string_view::npos || request.origin.substr(scheme + 3) != request.host)) {
    return text_reply(403, "pado: pages from elsewhere may not read this\n");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return text_reply(405, "pado: GET and HEAD only\n");
  }
  return std::nullopt;
}

live_reply live_content::malformed(int status, const std::string& why) const
{
  return text_reply(status, "pado: " + why + "\n");
}

bool live_content::may_upgrade(const live_request& request) const
{
  return request.is_upgrade && request.method == "GET" && request.target == "/live" && !refuse(request);
}

live_reply live_content::answer(const live_request& request)
{
  if (std::optional<live_reply> refused = refuse(request)) {
    return *std::move(refused);
  }
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  if (path == "/metrics") {
    return reply_of(200, "text/plain; version=0.0.4; charset=utf-8", metrics());
  }
  if (path == "/health") {
    return health();
  }
  if (path == "/status") {
    return reply_of(200, json_type, status_json() + "\n");
  }
  if (path == "/live") {
    return text_reply(426, "pado: /live is a WebSocket\n");
  }
  if (path == "/" && config_.has_page) {
    page made = make_live_page(status_json());
    live_reply reply = reply_of(200, "text/html; charset=utf-8", std::move(made.html));
    reply.headers.emplace_back("Content-Security-Policy", made.policy + "; frame-ancestors 'none'");
    return reply;
  }
  if (path == "/") {
    return text_reply(200, "pado run: /metrics /health /status; the page comes with --page\n");
  }
  return text_reply(404, "pado: only / /metrics /health /status /live are here\n");
}

} // namespace pado::apps
