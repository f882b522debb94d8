// SPDX-License-Identifier: Apache-2.0
#include "apps/ru_timing.h"
#include "phy/channel/fading.h"
#include <algorithm>
#include <cmath>

namespace pado::apps {

namespace {

constexpr std::int64_t ns_per_subframe = 1000000;

std::int64_t floor_div(std::int64_t a, std::int64_t b)
{
  return a / b - (a % b < 0 ? 1 : 0);
}
std::int64_t floor_mod(std::int64_t a, std::int64_t b)
{
  return a - floor_div(a, b) * b;
}
std::int64_t to_ns(double seconds)
{
  return static_cast<std::int64_t>(std::llround(1e9 * seconds));
}

} // namespace

ru_timing::ru_timing(const settings& of) noexcept : settings_(of)
{
  const numerology scs = of.scs;
  for (std::int32_t slot = 0; slot < std::min(scs.slots_per_subframe(), 8); ++slot) {
    const double begin_s = phy::slot_start_s(scs, slot);
    slot_begin_[static_cast<std::size_t>(slot)] = to_ns(begin_s);
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      symbol_end_[static_cast<std::size_t>(slot)][static_cast<std::size_t>(symbol)] =
          to_ns(begin_s + phy::symbol_middle_s(scs, slot, symbol) + 0.5 / scs.scs_hz());
    }
  }
}

std::int64_t ru_timing::to_system_ns(std::int64_t unit_ns) const noexcept
{
  // t + offset + drift (t - reference) = unit time, solved for t.
  const std::int64_t since = unit_ns - settings_.clock_offset_ns - settings_.reference_ns;
  const auto drift = static_cast<double>(settings_.clock_drift_ppb);
  return settings_.reference_ns + since -
         static_cast<std::int64_t>(std::llround(static_cast<double>(since) * drift / (1e9 + drift)));
}

std::int64_t ru_timing::subframe_ns(std::int64_t slot) const noexcept
{
  return settings_.sfn0_ns + floor_div(slot, settings_.scs.slots_per_subframe()) * ns_per_subframe;
}

std::int64_t ru_timing::slot_at(std::int64_t now_ns) const noexcept
{
  const double drift = 1e-9 * static_cast<double>(settings_.clock_drift_ppb);
  const std::int64_t unit_ns =
      now_ns + settings_.clock_offset_ns +
      static_cast<std::int64_t>(std::llround(drift * static_cast<double>(now_ns - settings_.reference_ns)));
  const std::int64_t subframe = floor_div(unit_ns - settings_.sfn0_ns, ns_per_subframe);
  const std::int64_t within = unit_ns - settings_.sfn0_ns - subframe * ns_per_subframe;
  const std::int32_t per_subframe = settings_.scs.slots_per_subframe();
  std::int64_t slot = subframe * per_subframe;
  for (std::int32_t i = 1; i < per_subframe && within >= slot_begin_[static_cast<std::size_t>(i)]; ++i) {
    ++slot;
  }
  return slot;
}

slot_id ru_timing::id_of(std::int64_t slot) const noexcept
{
  const std::int64_t per_frame = settings_.scs.slots_per_frame();
  const auto count = static_cast<std::int32_t>(floor_mod(slot, nof_sfn * per_frame));
  return {count / static_cast<std::int32_t>(per_frame), count % static_cast<std::int32_t>(per_frame)};
}

std::int64_t ru_timing::slot_begin_ns(std::int64_t slot) const noexcept
{
  const std::int64_t in_subframe = floor_mod(slot, settings_.scs.slots_per_subframe());
  return to_system_ns(subframe_ns(slot) + slot_begin_[static_cast<std::size_t>(in_subframe)]);
}

std::int64_t ru_timing::symbol_begin_ns(std::int64_t slot, std::int32_t symbol) const noexcept
{
  return symbol == 0 ? slot_begin_ns(slot) : symbol_end_ns(slot, symbol - 1);
}

std::int64_t ru_timing::symbol_end_ns(std::int64_t slot, std::int32_t symbol) const noexcept
{
  const std::int64_t in_subframe = floor_mod(slot, settings_.scs.slots_per_subframe());
  return to_system_ns(subframe_ns(slot) +
                      symbol_end_[static_cast<std::size_t>(in_subframe)][static_cast<std::size_t>(symbol)]);
}

std::int64_t ru_timing::nearest_slot(std::uint8_t frame,
                                     std::int32_t subframe,
                                     std::int32_t slot,
                                     std::int64_t near) const noexcept
{
  const std::int64_t per_frame = settings_.scs.slots_per_frame();
  const std::int64_t cycle = 256 * per_frame;
  const std::int64_t within =
      frame * per_frame + std::int64_t{subframe} * settings_.scs.slots_per_subframe() + slot;
  const std::int64_t ahead = floor_mod(within - near, cycle);
  return near + (ahead < cycle / 2 ? ahead : ahead - cycle);
}

} // namespace pado::apps
