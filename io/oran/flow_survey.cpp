// SPDX-License-Identifier: Apache-2.0
#include "io/oran/flow_survey.h"
#include "io/compress/codec.h"
#include <algorithm>

namespace pado::io {

namespace {

constexpr std::size_t nof_held = 32;          // messages before the layout is trusted
constexpr std::uint64_t nof_all_power = 1024; // messages whose samples are all looked at; then every 8th
constexpr std::size_t nof_steps = 4096;
constexpr std::int64_t header_cycle_ns = 2'560'000'000; // 256 frames

} // namespace

std::array<std::int64_t, flow_survey::max_mu + 1> flow_survey::delays_of(const app_header& header,
                                                                         std::int64_t arrival_ns) noexcept
{
  std::array<std::int64_t, max_mu + 1> out{};
  for (std::size_t mu = 0; mu <= max_mu; ++mu) {
    const std::int64_t slot_ns = 1000000 >> mu;
    const std::int64_t header_ns = header.frame * 10000000LL + header.subframe * 1000000LL +
                                   header.slot * slot_ns + header.symbol * slot_ns / nof_symbols_per_slot;
    out[mu] = (arrival_ns - header_ns) % header_cycle_ns;
  }
  return out;
}

void flow_survey::see(const surveyed_message& message, sequence_stream& stream)
{
  report_.first_ns =
      report_.nof_messages == 0 ? message.arrival_ns : std::min(report_.first_ns, message.arrival_ns);
  report_.last_ns =
      report_.nof_messages == 0 ? message.arrival_ns : std::max(report_.last_ns, message.arrival_ns);
  ++report_.nof_messages;
  report_.nof_bytes += message.payload_bytes;
  report_.max_slot = std::max(report_.max_slot, message.header.slot);
  // The tag is never 0 in its top bits, so an unused place matches nothing.
  const std::uint64_t header_word = load_be32(message.rest, 0);
  const std::uint64_t next_word = message.rest.size() >= 8 ? load_be32(message.rest, 4) : 0;
  const std::uint64_t tag = (header_word << 32) | next_word;
  if (stream.tags[message.sequence] == tag) {
    ++report_.nof_duplicates;
    return;
  }
  stream.tags[message.sequence] = tag;
  if (stream.tracker.see(message.sequence) == sequence_tracker::event::reordered) {
    ++report_.nof_reordered;
  }
  see_time(message);
  if (report_.key.of == plane::user) {
    see_user(message);
  } else {
    see_control(message);
  }
}

void flow_survey::see_time(const surveyed_message& message)
{
  const auto delays = delays_of(message.header, message.arrival_ns);
  const bool is_first = report_.nof_messages == 1;
  for (std::size_t mu = 0; mu <= max_mu; ++mu) {
    std::int64_t delay = (delays[mu] - reference_[mu]) % header_cycle_ns;
    delay = delay > header_cycle_ns / 2 ? delay - header_cycle_ns : delay;
    delay = delay < -header_cycle_ns / 2 ? delay + header_cycle_ns : delay;
    least_[mu] = is_first ? delay : std::min(least_[mu], delay);
    most_[mu] = is_first ? delay : std::max(most_[mu], delay);
  }
  const app_header& now = message.header;
  const bool is_same_slot = !is_first && now.frame == last_header_.frame &&
                            now.subframe == last_header_.subframe && now.slot == last_header_.slot;
  if (is_same_slot && now.symbol > last_header_.symbol && message.arrival_ns > last_ns_ &&
      steps_ns_.size() < nof_steps) {
    steps_ns_.push_back(static_cast<float>(message.arrival_ns - last_ns_) /
                        static_cast<float>(now.symbol - last_header_.symbol));
  }
  last_header_ = now;
  last_ns_ = message.arrival_ns;
}

void flow_survey::mark(const app_header& header, std::int32_t nof_symbols) noexcept
{
  const std::uint32_t run = ((1U << nof_symbols) - 1U) << header.symbol;
  const auto symbols = static_cast<std::uint16_t>(run & 0x3FFFU);
  const std::size_t slot = ((header.frame & 1U) * 10U + header.subframe) * 16U + (header.slot & 0xFU);
  slots_[slot] = static_cast<std::uint16_t>(slots_[slot] | symbols);
  report_.symbols = static_cast<std::uint16_t>(report_.symbols | symbols);
}

void flow_survey::see_user(const surveyed_message& message)
{
  mark(message.header, 1);
  const packet sections = message.rest.subspan(app_header_bytes);
  guess_.see(sections);
  if (is_holding_) {
    held_.emplace_back(sections.begin(), sections.end());
    if (held_.size() == nof_held) {
      take_held(report_);
      held_.clear();
      is_holding_ = false;
    }
    return;
  }
  if (const auto layout = guess_.layout()) {
    const bool has_power = report_.nof_messages <= nof_all_power || report_.nof_messages % 8 == 0;
    take(report_, *layout, sections, has_power);
  }
}

void flow_survey::take_held(flow_report& report) const
{
  if (const auto layout = guess_.layout()) {
    for (const auto& sections : held_) {
      take(report, *layout, sections, true);
    }
  }
}

void flow_survey::take(flow_report& report, const u_layout& layout, packet sections, bool has_power)
{
  if (check_u_sections(sections, layout)) {
    ++report.nof_malformed;
    return;
  }
  u_section_reader reader(sections, layout);
  for (u_section section; reader.next(section);) {
    const bool is_first = report.nof_sections == 0;
    const std::int32_t end = section.prb_begin + section.nof_prb;
    report.prbs.begin =
        is_first ? section.prb_begin : std::min<std::int32_t>(report.prbs.begin, section.prb_begin);
    report.prbs.end = is_first ? end : std::max(report.prbs.end, end);
    report.max_prb_per_section = std::max(report.max_prb_per_section, section.nof_prb);
    ++report.nof_sections;
    if (section.format.method == compression::bfp) {
      for (std::size_t at = 0; at < section.iq.size(); at += prb_bytes(section.format)) {
        ++report.exponents[load_u8(section.iq, at) & 0xFU];
      }
    }
    if (has_power) {
      take_power(report, section);
    }
  }
  const std::size_t header_bytes = u_section_bytes;
  report.has_all_prb_sections = report.has_all_prb_sections || load_u8(sections, header_bytes - 1) == 0;
}

void flow_survey::take_power(flow_report& report, const u_section& section)
{
  double sum = 0;
  std::array<cf32, nof_subcarriers_per_prb> re{};
  for (std::size_t at = 0; at < section.iq.size(); at += prb_bytes(section.format)) {
    decode_prb(section.format, section.iq.subspan(at, prb_bytes(section.format)), re);
    for (const cf32 value : re) {
      sum += static_cast<double>(norm(value));
    }
  }
  const auto nof_re = static_cast<std::uint64_t>(section.nof_prb) * nof_subcarriers_per_prb;
  const double before = report.mean_power * static_cast<double>(report.nof_power_re);
  report.nof_power_re += nof_re;
  report.mean_power = (before + sum) / static_cast<double>(report.nof_power_re);
}

void flow_survey::see_control(const surveyed_message& message)
{
  c_section_reader reader(message.rest);
  const auto type = static_cast<std::size_t>(message.rest.size() > 5 ? load_u8(message.rest, 5) : 0xFFU);
  if (type < report_.c_types.size()) {
    ++report_.c_types[type];
  }
  if (check_c_message(message.rest)) {
    ++report_.nof_malformed;
    return;
  }
  if (reader.header().type == c_type::prach) {
    report_.prach_scs_hz = scs_hz_of(reader.header().frame_structure);
  }
  for (c_section section; reader.next(section);) {
    const std::int32_t end = section.prb_begin + section.nof_prb;
    report_.prbs.begin = report_.nof_sections == 0
                             ? section.prb_begin
                             : std::min<std::int32_t>(report_.prbs.begin, section.prb_begin);
    report_.prbs.end = std::max(report_.prbs.end, end);
    report_.max_prb_per_section = std::max(report_.max_prb_per_section, section.nof_prb);
    report_.has_all_prb_sections = report_.has_all_prb_sections || section.nof_prb == 0;
    ++report_.nof_sections;
    if (reader.header().type == c_type::prach) {
      report_.prach_freq_offset = section.freq_offset;
      report_.prach_nof_symbols = section.nof_symbols;
    }
    mark(message.header, section.nof_symbols);
  }
}

flow_report flow_survey::finished(std::int32_t mu) const
{
  flow_report out = report_;
  take_held(out);
  out.least_delay_ns = least_[static_cast<std::size_t>(mu)];
  out.most_delay_ns = most_[static_cast<std::size_t>(mu)];
  if (out.key.of == plane::user) {
    out.compression = guess_.finding();
    if (!out.compression) {
      out.nof_malformed = out.nof_messages - out.nof_duplicates;
    }
  }
  return out;
}

} // namespace pado::io
