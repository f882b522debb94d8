// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace pado::test {

/// A program that runs beside the test. Killed with it.
class process {
public:
  /// arguments  the program and what follows its name
  /// out, err   files that its output goes to
  /// prepare    runs in the new process before the program; false: the program is not started, exit status
  /// 126
  process(const std::vector<std::string>& arguments,
          const std::string& out,
          const std::string& err,
          const std::function<bool()>& prepare = {})
      : out_(out), err_(err)
  {
    std::vector<char*> list;
    for (const std::string& argument : arguments) {
      list.push_back(const_cast<char*>(argument.c_str())); // NOLINT: execv does not write
    }
    list.push_back(nullptr);
    const int out_file = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const int err_file = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    id_ = fork();
    if (id_ == 0) {
      dup2(out_file, STDOUT_FILENO);
      dup2(err_file, STDERR_FILENO);
      if (!prepare || prepare()) {
        execv(list[0], list.data());
      }
      _exit(126);
    }
    close(out_file);
    close(err_file);
  }
  ~process()
  {
    if (id_ > 0) {
      kill(id_, SIGKILL);
      waitpid(id_, nullptr, 0);
    }
  }
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  void signal(int number) const { kill(id_, number); }

  /// Exit status, 128 + the signal that ended it, or -1 when it is still there after so long.
  int wait(double seconds = 20.0)
  {
    int status = 0;
    if (!until(seconds, [&] { return waitpid(id_, &status, WNOHANG) == id_; })) {
      return -1;
    }
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  /// Whether its output has this text within so long.
  bool has_said(const std::string& text, double seconds = 20.0) const
  {
    return until(seconds, [&] { return out().find(text) != std::string::npos; });
  }

  std::string out() const { return content_of(out_); }
  std::string err() const { return content_of(err_); }

  static std::string content_of(const std::string& path)
  {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  static bool until(double seconds, const std::function<bool()>& holds)
  {
    const auto begin = std::chrono::steady_clock::now();
    while (!holds()) {
      if (std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() > seconds) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }

private:
  std::string out_;
  std::string err_;
  pid_t id_ = -1;
};

} // namespace pado::test
