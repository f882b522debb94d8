// SPDX-License-Identifier: Apache-2.0
#include "apps/ru_capture.h"
#include "apps/ru_timing.h"
#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"
#include "io/oran/app_header.h"
#include "io/pcap/pcap_reader.h"
#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

namespace pado::apps {

namespace {

constexpr std::size_t max_capture_bytes = std::size_t{2} << 30U;

/// What of a captured frame is needed to send it again.
struct uplink_frame {
  io::app_header app;
  std::uint16_t eaxc = 0;
  std::uint32_t pdu = 0;
  std::uint32_t size = 0; ///< without padding behind the PDU, but the least of an Ethernet frame
};

bool has_eaxc(const fronthaul_config& fronthaul, std::uint16_t eaxc)
{
  const auto is_in = [&](const std::vector<std::uint16_t>& all) {
    return std::find(all.begin(), all.end(), eaxc) != all.end();
  };
  return is_in(fronthaul.eaxc_pusch) || is_in(fronthaul.eaxc_prach);
}

/// Nothing for what is no uplink user data of the cell, and for concatenated messages.
std::optional<uplink_frame> uplink_of(io::packet frame, const fronthaul_config& fronthaul)
{
  io::link_frame link;
  if (io::parse_link(frame, fronthaul.udp_port.value_or(io::no_udp_port), link) ||
      (fronthaul.vlan && link.vlan != *fronthaul.vlan)) {
    return std::nullopt;
  }
  io::ecpri_reader messages(link.pdu);
  io::ecpri_message message;
  io::stream_ids ids;
  io::packet rest;
  uplink_frame out;
  if (!messages.next(message) || message.is_concatenated || message.type != io::ecpri_type::iq_data ||
      io::parse_stream_ids(message.payload, ids, rest) || io::parse_app_header(rest, out.app) ||
      out.app.dir != io::direction::uplink || !has_eaxc(fronthaul, ids.eaxc)) {
    return std::nullopt;
  }
  out.eaxc = ids.eaxc;
  out.pdu = static_cast<std::uint32_t>(link.pdu.data() - frame.data());
  out.size = static_cast<std::uint32_t>(frame.size());
  return out;
}

} // namespace

result<ru_capture> ru_capture::read(const std::string& path, const cell_config& cell)
{
  auto reader = io::pcap_reader::open(path);
  if (!reader) {
    return reader.failure();
  }
  if (!cell.fronthaul) {
    return error{cell.carrier.name + ": fronthaul",
                 "is missing, must be there to send the packets of " + path};
  }
  const numerology scs = cell.carrier.scs;
  const ru_timing timing({scs, 0});
  ru_capture capture;
  std::int64_t newest = -1;
  for (io::capture_frame frame; reader.value().next(frame);) {
    const auto uplink = uplink_of(frame.bytes, *cell.fronthaul);
    if (!uplink || uplink->app.slot >= scs.slots_per_subframe() ||
        capture.bytes_.size() + frame.bytes.size() > max_capture_bytes) {
      continue;
    }
    // Far enough from 0 that a straggler of an earlier slot has a number, too.
    const std::int64_t near = newest < 0 ? 512 * scs.slots_per_frame() + 128 * scs.slots_per_frame() : newest;
    const std::int64_t slot =
        timing.nearest_slot(uplink->app.frame, uplink->app.subframe, uplink->app.slot, near);
    newest = std::max(newest, slot);
    capture.frames_.push_back(
        {capture.bytes_.size(), uplink->size, uplink->pdu, uplink->eaxc, uplink->app.symbol, slot});
    capture.bytes_.insert(capture.bytes_.end(), frame.bytes.begin(), frame.bytes.end());
    capture.max_frame_bytes_ = std::max(capture.max_frame_bytes_, frame.bytes.size());
  }
  if (capture.frames_.empty()) {
    return error{path + ":",
                 "has no uplink U-plane of the eAxC and VLAN of the cell; pado inspect shows what it has"};
  }
  const auto [first, last] =
      std::minmax_element(capture.frames_.begin(), capture.frames_.end(), [](const auto& a, const auto& b) {
        return a.slot < b.slot;
      });
  const std::int64_t per_frame = scs.slots_per_frame();
  const std::int64_t nof_frames = last->slot / per_frame - first->slot / per_frame + 1;
  std::int64_t period = 2; // TDD patterns fit into two frames
  while (period < nof_frames) {
    period *= 2;
  }
  if (period > nof_sfn) {
    return error{path + ":", "spans " + std::to_string(nof_frames) + " frames, at most 1024 can repeat"};
  }
  capture.period_slots_ = period * per_frame;
  capture.sort();
  return capture;
}

void ru_capture::sort()
{
  const auto place_of = [&](const stored_frame& frame) {
    return static_cast<std::size_t>(frame.slot * nof_symbols_per_slot + frame.symbol);
  };
  begin_.assign(static_cast<std::size_t>(period_slots_ * nof_symbols_per_slot + 1), 0);
  for (stored_frame& frame : frames_) {
    frame.slot %= period_slots_;
    ++begin_[place_of(frame) + 1];
  }
  std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
  order_.resize(frames_.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::stable_sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return place_of(frames_[a]) < place_of(frames_[b]);
  });
}

std::span<std::byte> ru_capture::write(std::uint32_t index,
                                       slot_id slot,
                                       numerology scs,
                                       std::uint8_t sequence,
                                       io::framing form,
                                       std::span<std::byte> out) const noexcept
{
  const stored_frame& frame = frames_[index];
  if (out.size() < frame.size) {
    return {};
  }
  std::memcpy(out.data(), bytes_.data() + frame.begin, frame.size);
  const auto bytes = out.first(frame.size);
  io::app_header app;
  const std::size_t at = frame.pdu + io::ecpri_header_bytes + io::ecpri_ids_bytes;
  if (!io::parse_app_header(bytes.subspan(at), app)) {
    const std::uint8_t filter_index = app.filter_index;
    app = io::app_header_of(slot, scs, frame.symbol, io::direction::uplink);
    app.filter_index = filter_index;
    io::write_app_header(app, bytes.subspan(at));
  }
  io::store_u8(bytes, frame.pdu + 6, sequence);
  if (form == io::framing::ecpri_pdu) {
    const auto pdu = bytes.subspan(frame.pdu);
    return pdu.first(std::min(pdu.size(), io::ecpri_header_bytes + io::load_be16(pdu, 2)));
  }
  return bytes;
}

result<ru_cell_plan> plan_capture_cell(const cell_config& cell, const ru_capture& capture)
{
  if (!cell.fronthaul) {
    return error{cell.carrier.name + ": fronthaul", "is missing: a radio unit sends packets"};
  }
  ru_cell_plan plan;
  plan.plan.scenario.cell = cell;
  plan.plan.scenario.link.has_cplane = false;
  plan.plan.ofdm.config.scs = cell.carrier.scs;
  plan.period_slots = capture.period_slots();
  plan.period_frames = static_cast<std::int32_t>(plan.period_slots / cell.carrier.scs.slots_per_frame());
  plan.format = {cell.fronthaul->comp_method, static_cast<std::uint8_t>(cell.fronthaul->comp_width)};
  return plan;
}

} // namespace pado::apps
