// SPDX-License-Identifier: Apache-2.0
#include "apps/cell_link.h"
#include "apps/yaml_section.h"
#include "io/oran/cplane.h"
#include <algorithm>

namespace pado::apps {

void read_mac(yaml_section& keys, const char* key, io::mac_address& to)
{
  std::string text;
  keys.read(key, text);
  if (text.empty()) {
    return;
  }
  const auto digit = [](char c) {
    const char low = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    return low >= '0' && low <= '9' ? low - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
  };
  bool is_right = text.size() == 17;
  io::mac_address mac{};
  for (std::size_t i = 0; i < 6 && is_right; ++i) {
    const int high = digit(text[3 * i]);
    const int low = digit(text[3 * i + 1]);
    is_right = high >= 0 && low >= 0 && (i == 5 || text[3 * i + 2] == ':');
    mac[i] = static_cast<std::uint8_t>(16 * std::max(high, 0) + std::max(low, 0));
  }
  if (!is_right) {
    keys.wrong(key, "is no MAC address, must look like 02:00:00:00:00:01");
    return;
  }
  to = mac;
}

void read_t1a(yaml_section& keys, std::int32_t& min_us, std::int32_t& max_us)
{
  if (!keys.has("t1a_us")) {
    return;
  }
  std::vector<std::int64_t> ends;
  keys.read("t1a_us", ends, {0, 10000, "before the symbol is on air"});
  if (ends.size() != 2 || ends[0] >= ends[1]) {
    keys.wrong("t1a_us", "must be [min, max] of T1a in microseconds, min before max, as in [285, 429]");
    return;
  }
  min_us = static_cast<std::int32_t>(ends[0]);
  max_us = static_cast<std::int32_t>(ends[1]);
}

std::optional<error> read_radio_link(yaml_section keys, radio_link_config& link)
{
  std::size_t cplane = link.has_cplane ? 1 : 0;
  std::size_t prbs = link.is_granted_only ? 1 : 0;
  std::size_t guard = link.has_guard ? 1 : 0;
  read_mac(keys, "du_mac", link.du_mac);
  read_mac(keys, "ru_mac", link.ru_mac);
  keys.read("priority", link.priority, {0, 7, "PCP of the VLAN tag"});
  keys.read_choice("cplane", cplane, {"no", "yes"});
  keys.read_choice("prbs", prbs, {"carrier", "granted"});
  keys.read_choice("guard", guard, {"no", "yes"});
  link.has_cplane = cplane == 1;
  link.is_granted_only = prbs == 1;
  link.has_guard = guard == 1;
  read_t1a(keys, link.t1a_min_us, link.t1a_max_us);
  return keys.finish();
}

std::optional<error> read_prach(yaml_section keys, std::int32_t slots_per_frame, prach_config& prach)
{
  std::vector<std::int64_t> slots;
  keys.read("period_frames", prach.period_frames, {1, 1024, "a divisor of 1024"});
  keys.read("frame", prach.frame, {0, prach.period_frames - 1, "SFN modulo period_frames"});
  keys.require("slots", "must be a list of slots of the frame, as in [19]");
  keys.read("slots", slots, {0, slots_per_frame - 1, "slot of the frame"});
  prach.slots.assign(slots.begin(), slots.end());
  keys.read("start_symbol", prach.start_symbol, {0, 13, ""});
  keys.read("repetitions", prach.repetitions, {1, 14, ""});
  keys.read("scs_hz", prach.scs_hz, {1250, 120000, "subcarrier spacing of PRACH"});
  keys.read("first_prb", prach.first_prb, {0, 274, ""});
  keys.read("fft_size", prach.fft_size, {128, 4096, ""});
  keys.read("time_offset_ts", prach.time_offset_ts, {0, 65535, "1/30.72 us"});
  if (prach.period_frames > 0 && 1024 % prach.period_frames != 0) {
    keys.wrong("period_frames", "is " + std::to_string(prach.period_frames) + ", must divide 1024");
  }
  if (prach.scs_hz != 0 && !io::frame_structure_of(prach.fft_size, prach.scs_hz)) {
    keys.wrong("scs_hz",
               "is " + std::to_string(prach.scs_hz) + " with fft_size " + std::to_string(prach.fft_size) +
                   ", must be 1250, 5000, 15000, 30000, 60000 or 120000 with a power of two of 128..4096");
  }
  return keys.finish();
}

} // namespace pado::apps
