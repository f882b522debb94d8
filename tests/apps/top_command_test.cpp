// SPDX-License-Identifier: Apache-2.0
// ctest: net
#include "apps/commands.h"
#include "apps/live_server.h"
#include "tests/apps/known_status.h"
#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <csignal>
#include <doctest/doctest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pado::apps; // NOLINT(google-build-using-namespace)

namespace {

/// A process of its own in which `pado top` runs, begun before this one has threads; it waits for its
/// arguments.
class top_process {
public:
  explicit top_process(bool has_terminal)
  {
    std::array<int, 2> arguments = {};
    std::array<int, 2> output = {};
    REQUIRE(pipe(arguments.data()) == 0);
    REQUIRE(pipe(output.data()) == 0);
    winsize size = {24, 80, 0, 0};
    std::fflush(nullptr); // or the other process says it again
    id_ = has_terminal ? forkpty(&terminal_, nullptr, nullptr, &size) : fork();
    if (id_ == 0) {
      if (!has_terminal) {
        dup2(output[1], STDOUT_FILENO);
        dup2(output[1], STDERR_FILENO);
      }
      close(output[1]);
      _exit(run(arguments[0]));
    }
    close(arguments[0]);
    close(output[1]);
    arguments_ = arguments[1];
    if (has_terminal) {
      close(output[0]);
    } else {
      terminal_ = output[0];
    }
  }
  ~top_process()
  {
    close(terminal_);
    if (id_ > 0) {
      kill(id_, SIGKILL);
      waitpid(id_, nullptr, 0);
    }
  }
  top_process(const top_process&) = delete;
  top_process& operator=(const top_process&) = delete;

  void begin(const std::string& arguments)
  {
    const std::string line = arguments + "\n";
    [[maybe_unused]] const auto n = write(arguments_, line.data(), line.size());
    close(arguments_);
  }
  void press_interrupt() const { [[maybe_unused]] const auto n = write(terminal_, "\x03", 1); }
  /// Reads on until this text has come or the process has ended.
  const std::string& read_until(const std::string& text)
  {
    std::array<char, 4096> part = {};
    pollfd one = {terminal_, POLLIN, 0};
    while ((text.empty() || out_.find(text) == std::string::npos) && poll(&one, 1, 20000) == 1) {
      const ssize_t n = read(terminal_, part.data(), part.size());
      if (n <= 0) {
        break;
      }
      out_.append(part.data(), static_cast<std::size_t>(n));
    }
    return out_;
  }
  int exit_code()
  {
    int status = 0;
    waitpid(id_, &status, 0);
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

private:
  static int run(int arguments)
  {
    std::string line = "top ";
    char c = 0;
    while (read(arguments, &c, 1) == 1 && c != '\n') {
      line += c;
    }
    int exit_code = -1;
    CLI::App app("test", "pado");
    add_top_command(app, exit_code);
    app.parse(line, false);
    std::fflush(stdout);
    std::fflush(stderr);
    return exit_code;
  }

  pid_t id_ = 0;
  int terminal_ = -1;
  int arguments_ = -1;
  std::string out_;
};

std::unique_ptr<live_server> open_server(std::atomic<std::int64_t>& now_s)
{
  live_server_config config;
  config.refresh_ns = 100 * 1000000;
  auto opened = live_server::open(config, [&now_s] { return pado::test::known_status(now_s++); });
  REQUIRE(opened);
  return std::move(opened.value());
}

bool has(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("top: --once prints one frame without terminal control, with rates")
{
  top_process top(false);
  std::atomic<std::int64_t> now_s = 100;
  const auto server = open_server(now_s);
  top.begin("--once " + std::to_string(server->port()));
  const std::string out = top.read_until("");
  CHECK(top.exit_code() == exit_done);
  CHECK(has(out, "PACKETS"));
  CHECK(has(out, "112 000"));
  CHECK(has(out, "slots/s 400"));
  CHECK(!has(out, "\x1b"));
}

TEST_CASE("top: a pipe gets one frame too; --json gives what /status says")
{
  top_process plain(false), json(false);
  std::atomic<std::int64_t> now_s = 100;
  const auto server = open_server(now_s);
  plain.begin("127.0.0.1:" + std::to_string(server->port()));
  json.begin("--json " + server->url());
  CHECK(has(plain.read_until(""), "GRANTS"));
  CHECK(plain.exit_code() == exit_done);
  const std::string status = json.read_until("");
  CHECK(status.rfind("{\"now_ns\":1700000", 0) == 0);
  CHECK(has(status, "\"state\":\"running\""));
  CHECK(json.exit_code() == exit_done);
}

TEST_CASE("top: Ctrl-C gives the terminal back as it was")
{
  top_process top(true);
  std::atomic<std::int64_t> now_s = 100;
  const auto server = open_server(now_s);
  top.begin(std::to_string(server->port()));
  CHECK(has(top.read_until("slots/s 400"), "\x1b[?1049h"));
  top.press_interrupt();
  const std::string out = top.read_until("\x1b[?1049l");
  CHECK(has(out, "\x1b[?7h\x1b[?25h\x1b[?1049l"));
  CHECK(top.exit_code() == exit_done);
}

TEST_CASE("top: a pado that goes away is waited for, and the screen says so")
{
  top_process top(true);
  std::atomic<std::int64_t> now_s = 100;
  auto server = open_server(now_s);
  top.begin(std::to_string(server->port()));
  top.read_until("slots/s 400");
  server.reset();
  CHECK(has(top.read_until("refused"), "refused"));
  top.press_interrupt();
  CHECK(has(top.read_until("\x1b[?1049l"), "\x1b[?1049l"));
  CHECK(top.exit_code() == exit_done);
}

TEST_CASE("top: no pado, and what is no address, are one line and exit code 2")
{
  top_process nobody(false), wrong(false);
  std::atomic<std::int64_t> now_s = 100;
  const std::uint16_t port = open_server(now_s)->port(); // free again
  nobody.begin(std::to_string(port));
  wrong.begin("lab:99999");
  CHECK(has(nobody.read_until(""), "pado run --metrics"));
  CHECK(nobody.exit_code() == exit_wrong_use);
  CHECK(has(wrong.read_until(""), "pado top: 'lab:99999' is no address"));
  CHECK(wrong.exit_code() == exit_wrong_use);
}
