// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/eal.h"
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <sched.h>
#include <sys/types.h>
#include <thread>

namespace pado::io {

namespace {

/// The end of DPDK's log. Its threads write too.
struct message_tail {
  std::mutex mutex;
  std::string text;
};

message_tail& messages()
{
  static message_tail tail;
  return tail;
}

ssize_t keep_message(void*, const char* data, std::size_t size)
{
  constexpr std::size_t most = 600;
  message_tail& tail = messages();
  const std::lock_guard lock(tail.mutex);
  tail.text.append(data, size);
  if (tail.text.size() > most) {
    tail.text.erase(0, tail.text.size() - most);
  }
  return static_cast<ssize_t>(size);
}

void keep_messages()
{
  cookie_io_functions_t functions{};
  functions.write = keep_message;
  if (std::FILE* stream = fopencookie(nullptr, "w", functions); stream != nullptr) {
    std::setvbuf(stream, nullptr, _IOLBF, 1024);
    rte_openlog_stream(stream); // lives as long as DPDK does: to the end of the process
  }
}

int first_allowed_cpu()
{
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &allowed)) {
        return cpu;
      }
    }
  }
  return 0;
}

/// Hugepages of all sizes that nobody uses.
std::int64_t free_huge_bytes()
{
  std::int64_t bytes = 0;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", failed)) {
    std::int64_t nof_pages = 0;
    std::ifstream(entry.path() / "free_hugepages") >> nof_pages;
    const std::string name = entry.path().filename().string(); // hugepages-2048kB
    const std::size_t digits = name.find_first_of("0123456789");
    if (digits != std::string::npos) {
      bytes += nof_pages * (std::strtoll(name.c_str() + digits, nullptr, 10) << 10);
    }
  }
  return bytes;
}

result<nothing> run_eal_init(std::vector<std::string> arguments)
{
  keep_messages();
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  int outcome = 0;
  int why = 0;
  std::thread([&] {
    outcome = rte_eal_init(static_cast<int>(pointers.size()), pointers.data());
    why = rte_errno;
  }).join();
  if (outcome >= 0) {
    return nothing{};
  }
  std::string line;
  for (std::size_t at = 1; at < arguments.size(); ++at) {
    line += " " + arguments[at];
  }
  return error{"DPDK",
               "does not start (" + std::string(rte_strerror(why)) + ") with" + line + ": " +
                   take_dpdk_messages()};
}

/// Registered threads must say when they end, or their number is never used again.
class registered_thread {
public:
  registered_thread() : is_ours_(rte_lcore_id() == LCORE_ID_ANY && rte_thread_register() == 0) {}
  ~registered_thread()
  {
    if (is_ours_) {
      rte_thread_unregister();
    }
  }
  registered_thread(const registered_thread&) = delete;
  registered_thread& operator=(const registered_thread&) = delete;

private:
  bool is_ours_;
};

} // namespace

result<nothing> start_eal(const dpdk_name& name)
{
  static std::mutex mutex;
  static std::optional<result<nothing>> outcome;
  static std::vector<std::string> first_arguments;
  const std::lock_guard lock(mutex);
  if (!outcome) {
    first_arguments = name.eal_arguments;
    outcome = run_eal_init(eal_arguments(name, first_allowed_cpu(), free_huge_bytes()));
  } else if (!name.eal_arguments.empty() && name.eal_arguments != first_arguments) {
    return error{"DPDK", "runs already in this process: arguments after -- belong to the port opened first"};
  }
  return *outcome;
}

std::string take_dpdk_messages()
{
  message_tail& tail = messages();
  const std::lock_guard lock(tail.mutex);
  std::string text;
  text.swap(tail.text);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.pop_back();
  }
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) {
    text.replace(at, 1, "; ");
  }
  return text.empty() ? "DPDK gave no reason" : text;
}

void register_poll_thread() noexcept
{
  thread_local const registered_thread registered;
}

const char* eal_memory() noexcept
{
  return rte_eal_has_hugepages() != 0 ? "hugepages" : "no hugepages";
}

} // namespace pado::io
