// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/hd.h"
#include <cstdint>
#include <string>

namespace pado {

inline constexpr int nof_symbols_per_slot = 14; ///< normal cyclic prefix
inline constexpr int nof_subcarriers_per_prb = 12;
inline constexpr int max_nof_prb = 275;
inline constexpr int nof_sfn = 1024;

/// Subcarrier spacing as mu of TS 38.211, 4.2: 15 kHz * 2^mu.
struct numerology {
  std::int32_t mu = 0;

  PADO_HD std::int32_t scs_hz() const { return 15000 << mu; }
  PADO_HD std::int32_t slots_per_subframe() const { return 1 << mu; }
  PADO_HD std::int32_t slots_per_frame() const { return 10 << mu; }
  PADO_HD std::int64_t slot_ns() const { return 1000000 >> mu; }
  friend bool operator==(numerology, numerology) = default;
};

/// A slot of the 10.24 s cycle of system frames. Differences wrap, so 0.0 follows 1023.19.
struct slot_id {
  std::int32_t sfn = 0;  ///< 0..1023
  std::int32_t slot = 0; ///< in the frame, 0..slots_per_frame - 1

  friend bool operator==(slot_id, slot_id) = default;
};

/// "978.13": SFN and slot.
inline std::string text_of(slot_id slot)
{
  return std::to_string(slot.sfn) + "." + std::to_string(slot.slot);
}

/// Number of the slot in the cycle, 0..1024 * slots_per_frame - 1.
PADO_HD inline std::int32_t slot_count(slot_id a, numerology n)
{
  return a.sfn * n.slots_per_frame() + a.slot;
}

/// The slot `count` slots after `a` (before, when negative), over the wrap.
PADO_HD inline slot_id advance(slot_id a, std::int32_t count, numerology n)
{
  const std::int32_t cycle = nof_sfn * n.slots_per_frame();
  std::int32_t at = (slot_count(a, n) + count % cycle) % cycle;
  at = at < 0 ? at + cycle : at;
  return {at / n.slots_per_frame(), at % n.slots_per_frame()};
}

/// Slots from `from` to `to`, the shorter way round: -cycle/2..cycle/2 - 1.
PADO_HD inline std::int32_t distance(slot_id from, slot_id to, numerology n)
{
  const std::int32_t cycle = nof_sfn * n.slots_per_frame();
  std::int32_t d = (slot_count(to, n) - slot_count(from, n)) % cycle;
  d = d < -cycle / 2 ? d + cycle : d;
  return d >= cycle / 2 ? d - cycle : d;
}

/// PRBs [begin, end) of the carrier grid.
struct prb_range {
  std::int32_t begin = 0;
  std::int32_t end = 0;

  PADO_HD std::int32_t size() const { return end - begin; }
  friend bool operator==(prb_range, prb_range) = default;
};

PADO_HD inline bool overlap(prb_range a, prb_range b)
{
  return a.begin < b.end && b.begin < a.end;
}

} // namespace pado
