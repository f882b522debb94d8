// SPDX-License-Identifier: Apache-2.0
#include "io/dpdk/dpdk_name.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>

namespace pado::io {

namespace {

std::vector<std::string> words_of(std::string_view text)
{
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(' ', at);
    if (begin == std::string_view::npos) {
      break;
    }
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    at = end;
  }
  return words;
}

/// Value of a key among "a=1,b=2"; empty when it is not there.
std::string_view value_of(std::string_view arguments, std::string_view key)
{
  for (std::size_t at = 0; at < arguments.size();) {
    const std::size_t end = std::min(arguments.find(',', at), arguments.size());
    const std::string_view argument = arguments.substr(at, end - at);
    if (argument.size() > key.size() && argument.substr(0, key.size()) == key &&
        argument[key.size()] == '=') {
      return argument.substr(key.size() + 1);
    }
    at = end + 1;
  }
  return {};
}

void add_argument(dpdk_name& name, std::string_view key, std::int32_t value)
{
  if (value_of(name.driver_arguments, key).empty()) {
    name.driver_arguments +=
        (name.driver_arguments.empty() ? "" : ",") + std::string(key) + "=" + std::to_string(value);
  }
}

bool has_any(const std::vector<std::string>& arguments, std::initializer_list<std::string_view> options)
{
  return std::any_of(arguments.begin(), arguments.end(), [&](std::string_view argument) {
    return std::any_of(options.begin(), options.end(), [&](std::string_view option) {
      // -l2 and --lcores=0@2 are written without a space
      return argument == option || (option.size() == 2 && argument.substr(0, 2) == option) ||
             (argument.size() > option.size() && argument.substr(0, option.size()) == option &&
              argument[option.size()] == '=');
    });
  });
}

} // namespace

result<dpdk_name> parse_dpdk_name(std::string_view text)
{
  dpdk_name name;
  if (const std::size_t at = text.find(" -- "); at != std::string_view::npos) {
    name.eal_arguments = words_of(text.substr(at + 4));
    text = text.substr(0, at);
  }
  const std::size_t device_end = std::min(text.find(','), text.size());
  name.device = text.substr(0, device_end);
  if (name.device.empty() || name.device.find(' ') != std::string::npos) {
    return dpdk_error(name.device,
                      "names no device: a PCI address or a DPDK device such as net_af_packet0,iface=eth0");
  }
  for (std::size_t at = device_end + 1; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view argument = text.substr(at, end - at);
    if (argument == "only=ecpri") {
      name.is_only_ecpri = true;
    } else if (argument.substr(0, 5) == "only=") {
      return dpdk_error(name.device, std::string(argument) + " is not known, only=ecpri is");
    } else if (!argument.empty()) {
      name.driver_arguments += (name.driver_arguments.empty() ? "" : ",") + std::string(argument);
    }
    at = end + 1;
  }
  if (name.is_driver("net_ring") && (!name.driver_arguments.empty() || name.is_only_ecpri)) {
    return dpdk_error(name.device, "takes no arguments: it is a pair inside this process");
  }
  return name;
}

std::int32_t frame_room_bytes(std::int32_t max_frame_bytes) noexcept
{
  constexpr std::int32_t before_frame = 128; // tpacket2 header, address and alignment are at most this
  constexpr std::int32_t step = 1024;        // four frames make whole pages
  return (max_frame_bytes + before_frame + step - 1) / step * step;
}

result<dpdk_name> complete_arguments(dpdk_name name, std::int32_t max_frame_bytes, std::int32_t nof_frames)
{
  const std::int32_t room = frame_room_bytes(max_frame_bytes);
  if (name.is_driver("net_af_packet")) {
    const std::string_view given = value_of(name.driver_arguments, "framesz");
    std::int32_t framesz = room;
    if (!given.empty()) {
      const auto [end, failed] = std::from_chars(given.data(), given.data() + given.size(), framesz);
      if (failed != std::errc() || framesz < max_frame_bytes + 128) {
        return dpdk_error(name.device,
                          "framesz=" + std::string(given) + " cuts frames of " +
                              std::to_string(max_frame_bytes) + " B without counting them: leave it out");
      }
    }
    add_argument(name, "framesz", framesz);
    add_argument(name, "blocksz", 4 * framesz);
    add_argument(name, "framecnt", (nof_frames + 3) / 4 * 4);
  } else if (name.is_driver("net_memif")) {
    add_argument(name, "bsize", room);
  }
  return name;
}

std::vector<std::string> eal_arguments(const dpdk_name& first, int cpu, std::int64_t free_huge_bytes)
{
  const std::vector<std::string>& user = first.eal_arguments;
  std::vector<std::string> all{"pado", "--no-telemetry"};
  const auto add = [&](std::initializer_list<std::string> more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  if (!has_any(user, {"-l", "-c", "--lcores", "--main-lcore"})) {
    // numbered from 0: a machine may have more CPUs than DPDK knows
    add({"--lcores", "0@" + std::to_string(cpu)});
  }
  if (!has_any(user, {"-a", "-b", "--allow", "--block", "--no-pci"})) {
    // nothing is taken from the kernel at start: ports attach their own device
    add({"-a", "0000:00:00.0"});
  }
  if (!has_any(user,
               {"-m",
                "--socket-mem",
                "--huge-dir",
                "--no-huge",
                "--in-memory",
                "--legacy-mem",
                "--file-prefix",
                "--single-file-segments",
                "--no-shconf"})) {
    constexpr std::int64_t enough_huge_bytes = std::int64_t{256} << 20;
    if (free_huge_bytes >= enough_huge_bytes) {
      add({"--in-memory"});
    } else {
      add({"--no-huge", "--no-shconf", "-m", "512"}); // touched as it is used; --in-memory excludes --no-huge
    }
  }
  if (first.is_software() && !has_any(user, {"--iova-mode"})) {
    add({"--iova-mode=va"}); // frames in memory of ours: a card without an IOMMU may need the other mode
  }
  if (!has_any(user, {"--log-level"})) {
    add({"--log-level=4"});
  }
  all.insert(all.end(), user.begin(), user.end());
  return all;
}

} // namespace pado::io
