// SPDX-License-Identifier: Apache-2.0
#include "apps/slot_timing.h"
#include "apps/cell_assembly.h"
#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"
#include "io/oran/cplane.h"
#include "io/pcap/pcap_reader.h"
#include "pipeline/live/slot_time.h"
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace pado::apps {

namespace {

constexpr std::int64_t far_ns = 20000000; ///< from their slot: then the clock is another one

struct seen_message {
  std::int64_t slot = 0; ///< never wraps
  std::int64_t offset_ns = 0;
  std::int32_t port = 0;
  std::int32_t symbol = 0;
  bool is_control = false;
};

/// Uplink messages of one cell, told apart by eAxC as the assembler does.
class message_reader {
public:
  message_reader(const cell_config& cell, std::int64_t sfn0_ns)
      : fronthaul_(*cell.fronthaul), time_{cell.carrier.scs, sfn0_ns}
  {
  }

  void read(const io::capture_frame& frame, std::vector<seen_message>& out) const
  {
    io::link_frame link;
    if (io::parse_link(frame.bytes, fronthaul_.udp_port.value_or(io::no_udp_port), link) ||
        (fronthaul_.vlan && link.vlan != *fronthaul_.vlan)) {
      return;
    }
    io::ecpri_reader messages(link.pdu);
    for (io::ecpri_message message; messages.next(message);) {
      if (const auto seen = read_one(message, frame.time_ns)) {
        out.push_back(*seen);
      }
    }
  }

private:
  std::optional<seen_message> read_one(const io::ecpri_message& message, std::int64_t time_ns) const
  {
    const bool is_control = message.type == io::ecpri_type::real_time_control;
    if (!is_control && message.type != io::ecpri_type::iq_data) {
      return std::nullopt;
    }
    io::stream_ids ids;
    io::packet rest;
    io::app_header header;
    if (io::parse_stream_ids(message.payload, ids, rest) || io::parse_app_header(rest, header) ||
        header.dir != io::direction::uplink || header.filter_index != 0) {
      return std::nullopt;
    }
    const auto port = std::find(fronthaul_.eaxc_pusch.begin(), fronthaul_.eaxc_pusch.end(), ids.eaxc);
    if (port == fronthaul_.eaxc_pusch.end() || (is_control && !is_request(rest)) ||
        header.slot >= time_.scs.slots_per_subframe()) {
      return std::nullopt;
    }
    seen_message seen;
    const std::int64_t now = time_.slot_at(time_ns);
    const slot_id slot = {io::nearest_sfn(header.frame, time_.id_of(now).sfn),
                          header.subframe * time_.scs.slots_per_subframe() + header.slot};
    seen.slot = time_.number_of(slot, now);
    seen.offset_ns = time_ns - time_.air_ns(seen.slot);
    seen.port = static_cast<std::int32_t>(port - fronthaul_.eaxc_pusch.begin());
    seen.symbol = header.symbol;
    seen.is_control = is_control;
    return seen;
  }

  static bool is_request(io::packet message)
  {
    const io::c_section_reader reader(message);
    return !reader.failure() && reader.header().type == io::c_type::regular;
  }

  const fronthaul_config& fronthaul_;
  pipeline::slot_time time_;
};

/// The wanted slot, or the middle one of those with most messages.
std::optional<std::int64_t> choose(const std::map<std::int64_t, std::int64_t>& nof_messages,
                                   const pipeline::slot_time& time,
                                   std::optional<slot_id> wanted)
{
  std::int64_t most = 0;
  for (const auto& [slot, count] : nof_messages) {
    most = std::max(most, count);
  }
  std::vector<std::int64_t> slots;
  for (const auto& [slot, count] : nof_messages) {
    if (wanted ? time.id_of(slot) == *wanted : count == most) {
      slots.push_back(slot);
    }
  }
  return slots.empty() ? std::nullopt : std::optional(slots[slots.size() / 2]);
}

using offsets_by_symbol = std::map<std::pair<std::int32_t, std::int32_t>, std::vector<std::int64_t>>;

/// The ranges of what came in all slots.
void put_ranges(offsets_by_symbol& offsets,
                std::map<std::pair<std::int32_t, std::int32_t>, arrival_range>& out)
{
  for (auto& [key, all] : offsets) {
    std::sort(all.begin(), all.end());
    arrival_range& range = out[key];
    const std::size_t outer = all.size() / 100;
    range.low_ns = all[outer];
    range.high_ns = all[all.size() - 1 - outer];
    range.nof_messages = static_cast<std::int64_t>(all.size());
  }
}

} // namespace

result<slot_timing>
read_slot_timing(const std::string& path, const cell_config& cell, std::optional<slot_id> wanted)
{
  const std::optional<std::int64_t> sfn0 = cell.fronthaul ? sfn0_ns_of(*cell.fronthaul) : std::nullopt;
  if (!sfn0) {
    return error{"fronthaul.clock", "must be utc or tai: the figure needs the time of a slot on air"};
  }
  auto opened = io::pcap_reader::open(path);
  if (!opened) {
    return opened.failure();
  }
  const message_reader reader(cell, *sfn0);
  std::vector<seen_message> messages;
  for (io::capture_frame frame; opened.value().next(frame);) {
    reader.read(frame, messages);
  }
  std::map<std::int64_t, std::int64_t> nof_messages;
  for (const seen_message& message : messages) {
    ++nof_messages[message.slot];
  }
  const pipeline::slot_time time{cell.carrier.scs, *sfn0};
  const std::optional<std::int64_t> shown = choose(nof_messages, time, wanted);
  if (!shown) {
    return error{path,
                 messages.empty() ? "has no uplink message of this cell's eAxC ids and VLAN"
                                  : fmt::format("has no message of slot {}.{}", wanted->sfn, wanted->slot)};
  }
  slot_timing out;
  out.slot = time.id_of(*shown);
  out.nof_slots = static_cast<std::int64_t>(nof_messages.size());
  out.damage = opened.value().failure();
  offsets_by_symbol control;
  offsets_by_symbol user;
  for (const seen_message& message : messages) {
    const std::pair key(message.port, message.symbol);
    (message.is_control ? control : user)[key].push_back(message.offset_ns);
    if (message.slot == *shown) {
      (message.is_control ? out.control : out.user)[key].shown_ns.push_back(message.offset_ns);
    }
    if (message.slot == *shown && std::abs(message.offset_ns) > far_ns) {
      return error{
          path,
          fmt::format("its messages come {:.0f} ms from the time of their slot: check fronthaul.clock, "
                      "gps_alpha and gps_beta of cell.yaml",
                      1e-6 * static_cast<double>(message.offset_ns))};
    }
  }
  put_ranges(control, out.control);
  put_ranges(user, out.user);
  return out;
}

} // namespace pado::apps
