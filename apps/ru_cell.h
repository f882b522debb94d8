// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/generate_slot.h"
#include "io/compress/iq_format.h"
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pado::apps {

/// A scenario that repeats: what one radio unit hears, over whole frames that divide the SFN cycle.
struct ru_cell_plan {
  generate_plan plan;              ///< its scenario has first_sfn 0 and nof_slots of the period
  std::vector<planned_slot> slots; ///< of one period, slot 0 is the first of SFN 0
  std::int32_t period_frames = 0;  ///< a power of two, 1..1024
  std::int64_t period_slots = 0;
  io::iq_format format;
};

/// Lengthens the scenario to the least period that holds its slots and its TDD pattern.
/// \errors no fronthaul in the scenario; more than 1024 frames; what plan_generate and plan_slots refuse
result<ru_cell_plan> plan_ru_cell(scenario_config scenario);

/// The schedule of one period as JSON lines with the truth, as `pado generate` writes them.
result<nothing> write_ru_schedule(const ru_cell_plan& cell, const std::string& path);

/// Compressed PRBs of whole slots, ready to be sent: every port and symbol over the whole carrier.
class packed_slot {
public:
  packed_slot() = default;
  explicit packed_slot(const ru_cell_plan& cell);

  /// Compresses rx [rx_port][symbol][subcarrier].
  void pack(const ru_cell_plan& cell, view<const cf32, 3> rx);
  const std::byte* row(std::int32_t port, std::int32_t symbol) const noexcept
  {
    return bytes_.data() + static_cast<std::size_t>(port * nof_symbols_per_slot + symbol) * row_bytes_;
  }
  std::size_t size_bytes() const noexcept { return bytes_.size(); }

private:
  std::size_t row_bytes_ = 0;
  std::vector<std::byte> bytes_;
};

/// All slots of a period in memory. Immutable once made.
class ru_waveform {
public:
  struct settings {
    std::int32_t nof_workers = 1; ///< the bytes do not depend on it
    /// After every slot, with the number done and to be done; false stops: make() then fails.
    std::function<bool(std::int64_t, std::int64_t)> progress;
  };
  /// \errors a slot that cannot be sent; more memory than 8 GiB
  static result<ru_waveform> make(const ru_cell_plan& cell, const settings& how);

  /// Slots are counted from a begin of SFN 0, 0 or more. Noise where the scenario has no grant.
  const packed_slot& at(std::int64_t slot) const noexcept
  {
    const std::int32_t known = planned(slot);
    return known >= 0 ? slots_[static_cast<std::size_t>(known)] : noise(slot);
  }
  const packed_slot& noise(std::int64_t slot) const noexcept
  {
    return noise_[static_cast<std::size_t>(slot) % nof_noise_slots];
  }
  /// The place in ru_cell_plan::slots; -1 when nothing is granted.
  std::int32_t planned(std::int64_t slot) const noexcept
  {
    return index_[static_cast<std::size_t>(slot) % index_.size()];
  }
  std::size_t size_bytes() const noexcept;

private:
  static constexpr std::size_t nof_noise_slots =
      16; ///< few would show a receiver the same false alarms again and again
  result<nothing> make_noise(const ru_cell_plan& cell);

  std::vector<std::int32_t> index_; ///< [slot of the period] place in slots_, or -1
  std::vector<packed_slot> slots_;
  std::vector<packed_slot> noise_;
};

} // namespace pado::apps
