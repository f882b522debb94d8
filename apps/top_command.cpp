// SPDX-License-Identifier: Apache-2.0
#include "apps/commands.h"
#include "apps/http_get.h"
#include "apps/interrupt.h"
#include "apps/live_json.h"
#include "apps/live_server.h"
#include "apps/terminal.h"
#include "apps/top_view.h"
#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>

namespace pado::apps {

namespace {

constexpr std::int64_t fetch_timeout_ns = 2'000'000'000;

struct top_arguments {
  std::string where = std::to_string(default_live_port);
  bool is_once = false;
  bool is_json = false;
};

int fail(const error& why)
{
  std::fprintf(stderr, "pado top: %s\n", why.text().c_str());
  return exit_wrong_use;
}

struct address {
  std::string host = "127.0.0.1";
  std::uint16_t port = default_live_port;
};

/// "9464", "lab-box", "lab-box:9464", "[::1]:9464", "http://lab-box:9464/".
result<address> address_of(std::string text)
{
  const std::string asked = text;
  if (text.rfind("http://", 0) == 0) {
    text.erase(0, 7);
  }
  text.erase(std::min(text.find('/'), text.size()));
  address out;
  const bool is_port_alone = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string::npos ? 0 : bracket);
  std::string port = is_port_alone ? text : colon == std::string::npos ? "" : text.substr(colon + 1);
  if (!is_port_alone) {
    out.host = text.substr(0, colon);
    if (bracket != std::string::npos && out.host.size() > 2) {
      out.host = out.host.substr(1, out.host.size() - 2);
    }
  }
  if (!port.empty()) {
    const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (wrong != std::errc() || end != port.data() + port.size() || out.port == 0) {
      return error{"'" + asked + "'", "is no address: a port (1..65535), HOST:PORT or http://HOST:PORT/"};
    }
  }
  if (out.host.empty()) {
    return error{"'" + asked + "'", "names no host"};
  }
  return out;
}

result<live_status> fetch(const address& from, std::string* text)
{
  auto body = http_get(from.host, from.port, "/status", fetch_timeout_ns);
  if (!body) {
    error why = body.failure();
    why.what += ". Is `pado run --metrics " + std::to_string(from.port) + "` there?";
    return why;
  }
  if (text != nullptr) {
    *text = body.value();
  }
  return parse_live_json(body.value());
}

bool has_unicode()
{
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): before any thread
    if (value != nullptr && *value != '\0') {
      const std::string_view text = value;
      return text.find("UTF-8") != std::string_view::npos || text.find("utf8") != std::string_view::npos;
    }
  }
  return false;
}

/// The other screen of the terminal, without a cursor; what was there comes back in the end.
class full_screen {
public:
  full_screen() { std::fputs("\x1b[?1049h\x1b[?25l\x1b[?7l", stdout); }
  ~full_screen()
  {
    std::fputs("\x1b[?7h\x1b[?25h\x1b[?1049l", stdout);
    std::fflush(stdout);
  }
  full_screen(const full_screen&) = delete;
  full_screen& operator=(const full_screen&) = delete;

  /// Line by line over the last frame, so that nothing flickers.
  void show(const std::string& frame) const
  {
    std::string out = "\x1b[H";
    for (const char c : frame) {
      out += c == '\n' ? std::string("\x1b[K\r\n") : std::string(1, c);
    }
    if (!frame.empty()) {
      out.erase(out.size() - 2); // the last line would scroll
    }
    out += "\x1b[J";
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
  }
};

top_screen screen_of(const address& from, bool is_styled)
{
  top_screen out;
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    out.columns = size.ws_col;
    out.rows = size.ws_row;
  }
  out.is_styled = is_styled;
  out.has_unicode = has_unicode();
  out.where = from.host + ":" + std::to_string(from.port);
  return out;
}

/// A second, or until Ctrl-C.
void pause()
{
  for (int i = 0; i < 20 && !is_interrupted(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

/// Until Ctrl-C. A pado that goes away is waited for: the last frame stays, with the reason above it.
int watch(const address& from, live_status now)
{
  watch_interrupt();
  const full_screen terminal;
  std::optional<live_status> before;
  std::string trouble;
  while (!is_interrupted()) {
    top_screen screen = screen_of(from, true);
    screen.rows -= trouble.empty() ? 0 : 1;
    terminal.show(
        (trouble.empty() ? "" : "! " + trouble.substr(0, static_cast<std::size_t>(screen.columns)) + "\n") +
        top_frame(now, before ? &*before : nullptr, screen));
    pause();
    auto next = fetch(from, nullptr);
    trouble = next ? "" : next.failure().text();
    if (next && next.value().now_ns != now.now_ns) {
      before = std::move(now);
      now = std::move(next.value());
    }
  }
  return exit_done;
}

int run_top(const top_arguments& arguments)
{
  const auto from = address_of(arguments.where);
  if (!from) {
    return fail(from.failure());
  }
  const bool is_screen = is_terminal(stdout) && !arguments.is_once && !arguments.is_json;
  std::string text;
  auto first = fetch(from.value(), &text);
  if (!first) {
    return fail(first.failure());
  }
  if (is_screen) {
    return watch(from.value(), std::move(first.value()));
  }
  if (arguments.is_json) {
    std::fputs(text.c_str(), stdout);
    return exit_done;
  }
  pause(); // rates need two
  const auto second = fetch(from.value(), nullptr);
  if (!second) {
    return fail(second.failure());
  }
  top_screen screen = screen_of(from.value(), false);
  screen.columns = is_terminal(stdout) ? screen.columns : 110;
  screen.rows = 0;
  std::fputs(top_frame(second.value(), &first.value(), screen).c_str(), stdout);
  return exit_done;
}

} // namespace

void add_top_command(CLI::App& app, int& exit_code)
{
  auto arguments = std::make_shared<top_arguments>();
  CLI::App* command =
      app.add_subcommand("top", "Watch a running pado: packets, windows, UEs, grants, latency");
  command->footer(
      "Example:\n  pado run --cell cell.yaml --port udp:192.168.1.20:44000 --metrics 9464 &\n  pado top");
  command->add_option("where", arguments->where, "port, HOST:PORT or URL of pado run --metrics")
      ->capture_default_str();
  command->add_flag(
      "--once", arguments->is_once, "one frame, as long as it gets, and without terminal control");
  command->add_flag("--json", arguments->is_json, "the status as one JSON object (docs/metrics.md)");
  command->callback([arguments, &exit_code] { exit_code = run_top(*arguments); });
}

} // namespace pado::apps
