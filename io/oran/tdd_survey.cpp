// SPDX-License-Identifier: Apache-2.0
#include "io/oran/tdd_survey.h"
#include <algorithm>

namespace pado::io {

namespace {

struct fold {
  slot_symbols all;
  std::size_t nof_slots = 0;
  std::size_t nof_uplink = 0;
  std::size_t nof_downlink = 0;
};

/// Traffic has gaps, so a direction counts as present when three quarters of the slots have it.
bool is_all_or_none(std::size_t count, std::size_t of)
{
  return count == 0 || 4 * count >= 3 * of;
}

bool is_consistent(const fold& one, bool is_fdd)
{
  return is_all_or_none(one.nof_uplink, one.nof_slots) && is_all_or_none(one.nof_downlink, one.nof_slots) &&
         (is_fdd || (one.all.uplink & one.all.downlink) == 0);
}

fold folded(const std::vector<slot_symbols>& slots, std::size_t first, std::size_t period, bool is_whole)
{
  fold out;
  for (std::size_t at = first; at < slots.size(); at += period) {
    const slot_symbols& slot = slots[at];
    const bool is_empty = slot == slot_symbols{};
    out.all.uplink = static_cast<std::uint16_t>(out.all.uplink | slot.uplink);
    out.all.downlink = static_cast<std::uint16_t>(out.all.downlink | slot.downlink);
    out.nof_slots += is_empty && !is_whole ? 0 : 1;
    out.nof_uplink += slot.uplink != 0 ? 1 : 0;
    out.nof_downlink += slot.downlink != 0 ? 1 : 0;
  }
  return out;
}

} // namespace

bool looks_like_fdd(const std::vector<slot_symbols>& slots)
{
  const auto both = std::count_if(slots.begin(), slots.end(), [](const slot_symbols& slot) {
    return slot.uplink != 0 && slot.downlink != 0;
  });
  const auto shared = std::count_if(slots.begin(), slots.end(), [](const slot_symbols& slot) {
    return (slot.uplink & slot.downlink) != 0;
  });
  return shared > 0 && 4 * shared >= both;
}

std::vector<slot_symbols> shortest_pattern(const std::vector<slot_symbols>& slots, bool is_whole, bool is_fdd)
{
  for (std::size_t period = 1; period < slots.size(); ++period) {
    if (slots.size() % period != 0) {
      continue;
    }
    std::vector<slot_symbols> pattern;
    for (std::size_t first = 0; first < period; ++first) {
      const fold one = folded(slots, first, period, is_whole);
      if (!is_consistent(one, is_fdd)) {
        break;
      }
      pattern.push_back(one.all);
    }
    if (pattern.size() == period) {
      return pattern;
    }
  }
  return slots;
}

} // namespace pado::io
