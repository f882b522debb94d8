// SPDX-License-Identifier: Apache-2.0
#include "io/assembly/slot_clock.h"
#include <algorithm>

namespace pado::io {

namespace {

constexpr std::int64_t nof_known_frames = 256; // frameId has 8 bits
constexpr std::int32_t nof_needed_forward = 2;
constexpr std::int32_t nof_needed_back = 64; // a slot's worth of stragglers must not set the clock back
constexpr std::int32_t nof_established = 16;

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept
{
  return a / b - (a % b < 0 ? 1 : 0);
}
std::int64_t floor_mod(std::int64_t a, std::int64_t b) noexcept
{
  return a - floor_div(a, b) * b;
}

} // namespace

slot_clock::slot_clock(const cell_config& cell, std::int32_t reorder_slots) noexcept
    : scs_(cell.scs), sfn0_ns_(cell.sfn0_ns), near_sfn_(cell.near_sfn), reorder_slots_(reorder_slots)
{
}

void slot_clock::reset() noexcept
{
  is_started_ = false;
  nof_placed_ = 0;
  nof_pointing_ = 0;
}

std::int64_t slot_clock::air_ns(std::int64_t slot) const noexcept
{
  return sfn0_ns_ ? *sfn0_ns_ + slot * scs_.slot_ns() : 0;
}

slot_id slot_clock::id_of(std::int64_t slot) const noexcept
{
  const std::int64_t cycle = static_cast<std::int64_t>(nof_sfn) * scs_.slots_per_frame();
  const auto count = static_cast<std::int32_t>(floor_mod(slot, cycle));
  return {count / scs_.slots_per_frame(), count % scs_.slots_per_frame()};
}

std::int64_t slot_clock::expected_slot(std::int64_t arrival_ns) const noexcept
{
  if (sfn0_ns_ && arrival_ns != 0) {
    return floor_div(arrival_ns - *sfn0_ns_, scs_.slot_ns());
  }
  const bool has_times = arrival_ns != 0 && newest_ns_ != 0;
  return newest_ + (has_times ? std::max<std::int64_t>(arrival_ns - newest_ns_, 0) / scs_.slot_ns() : 0);
}

bool slot_clock::is_confirmed(std::int64_t slot, int nof_needed) noexcept
{
  const bool is_near = nof_pointing_ > 0 && std::abs(slot - candidate_) <= reorder_slots_ + 1;
  nof_pointing_ = is_near ? nof_pointing_ + 1 : 1;
  candidate_ = slot;
  return nof_pointing_ >= nof_needed;
}

void slot_clock::set(std::int64_t slot, std::int64_t arrival_ns) noexcept
{
  newest_ = slot;
  newest_ns_ = arrival_ns;
  is_started_ = true;
  nof_pointing_ = 0;
  nof_placed_ = 0;
}

drop slot_clock::locate(const app_header& header,
                        std::int64_t arrival_ns,
                        std::int64_t max_lag,
                        place& out) noexcept
{
  if (header.slot >= scs_.slots_per_subframe()) {
    return drop_reason::bad_time;
  }
  const std::int64_t frame_slots = scs_.slots_per_frame();
  const std::int64_t cycle = nof_known_frames * frame_slots;
  const std::int64_t within =
      header.frame * frame_slots + header.subframe * scs_.slots_per_subframe() + header.slot;
  out.is_resync = false;
  if (!is_started_ && !(sfn0_ns_ && arrival_ns != 0)) {
    const std::int64_t sfn = near_sfn_ ? nearest_sfn(header.frame, *near_sfn_) : header.frame;
    out.slot = within + (sfn - header.frame) * frame_slots;
    set(out.slot, arrival_ns);
    return {};
  }
  const std::int64_t expected = expected_slot(arrival_ns);
  const std::int64_t ahead = floor_mod(within - expected, cycle);
  const std::int64_t slot = expected + (ahead < cycle / 2 ? ahead : ahead - cycle);
  out.slot = slot;
  if (!is_started_) {
    set(slot, arrival_ns);
    return {};
  }
  const std::int64_t step = slot - newest_;
  const bool is_established = nof_placed_ >= nof_established;
  if (step > frame_slots) {
    const bool agrees_with_time = arrival_ns != 0 && std::abs(slot - expected) <= 2 * frame_slots;
    if (!agrees_with_time && !is_confirmed(slot, nof_needed_forward)) {
      return drop_reason::implausible_slot;
    }
    out.is_resync = !agrees_with_time;
    set(slot, arrival_ns);
    return {};
  }
  if (step < -max_lag) {
    if (!is_confirmed(slot, is_established ? nof_needed_back : nof_needed_forward)) {
      return drop_reason::closed_slot;
    }
    out.is_resync = true;
    set(slot, arrival_ns);
    return {};
  }
  nof_pointing_ = 0;
  nof_placed_ = std::min(nof_placed_ + 1, nof_established);
  if (step > 0) {
    newest_ = slot;
    newest_ns_ = arrival_ns;
  }
  return {};
}

} // namespace pado::io
