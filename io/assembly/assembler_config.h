// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/slot.h"
#include "io/compress/iq_format.h"
#include "io/ecpri/ecpri.h"
#include "io/ecpri/link.h"
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace pado::io {

/// Where a reception window counts from: published profiles differ.
enum class window_origin : std::uint8_t { symbol_begin, symbol_end };

/// Ta4: when the U-plane of a symbol may arrive. Needs cell_config::sfn0_ns.
struct rx_window {
  std::int64_t earliest_ns = 0; ///< Ta4 min
  std::int64_t latest_ns = 0;   ///< Ta4 max
  window_origin origin = window_origin::symbol_begin;
  bool is_enforced = false; ///< drop what is outside (early, late); otherwise it is counted and used

  friend bool operator==(const rx_window&, const rx_window&) = default;
};

/// One kind of uplink flow of a cell: PUSCH and all else in the grid, or PRACH.
struct flow_config {
  std::vector<std::uint16_t> eaxc; ///< index is the rx_port
  std::optional<iq_format> fixed;  ///< static compression; nothing: sections have a udCompHdr
};

/// One cell in the packets.
struct cell_config {
  numerology scs;
  std::int32_t nof_prb = 0; ///< of the grid, 1..275
  flow_config pusch;
  flow_config prach; ///< no eAxC: the cell has no PRACH
  std::int32_t prach_nof_prb =
      72; ///< greatest PRB end of a PRACH section, 1..275 (12 short, 72 long formats, 96 for L 1151)
  std::int32_t prach_repetitions =
      0; ///< sections a port sends per occasion; 0 unknown: PRACH waits for a later slot
  /// Slots that PRACH may lag behind the newest slot: long formats are sent when they have ended, with the
  /// time of their begin. Not given: reorder_slots and 4 ms.
  std::optional<std::int32_t> prach_reorder_slots;
  std::optional<std::int32_t> vlan; ///< only frames with this VID
  std::optional<mac_address> ru;    ///< only frames from this address

  /// One period of the TDD pattern, beginning with slot 0 of an even frame; bit l: symbol l is uplink.
  /// Its size divides 20 ms of slots. Empty: every symbol is uplink.
  std::vector<std::uint16_t> uplink_symbols;

  std::optional<rx_window> window;
  /// Time of the packets' clock at which some SFN 0 begins on air (any of them, they repeat every 10.24 s).
  /// Without it the upper bits of the SFN are those of near_sfn, and air times are unknown.
  std::optional<std::int64_t> sfn0_ns;
  /// An SFN less than 1.28 s from the first frame; without it the first SFN is its frameId.
  std::optional<std::int32_t> near_sfn;
};

/// SFN 0 for packets stamped with UTC: GPS epoch, 18 leap seconds, and the offsets alpha (in 1/1.2288 ns) and
/// beta (in 10 ms) of the O-RAN synchronisation plane.
constexpr std::int64_t sfn0_of_utc_ns(std::int64_t alpha = 0, std::int64_t beta = 0)
{
  return (315964800LL - 18LL) * 1000000000LL + beta * 10000000LL + alpha * 10000LL / 12288LL;
}

/// The same for stamps in TAI, the time of PTP: 19 s ahead of GPS.
constexpr std::int64_t sfn0_of_tai_ns(std::int64_t alpha = 0, std::int64_t beta = 0)
{
  return sfn0_of_utc_ns(alpha, beta) + (18LL + 19LL) * 1000000000LL;
}

/// What the C-plane asked for in one slot: the slot is complete when this has come. PRBs beyond it are taken
/// as long as the slot is open.
struct awaited_prbs {
  /// Ranges in ascending order that do not touch; what does not fit is joined to the last one.
  class ranges {
  public:
    static constexpr std::size_t capacity = 64;

    void add(prb_range range) noexcept
    {
      if (size_ == capacity) {
        all_[size_ - 1].end = range.end;
        return;
      }
      all_[size_++] = range;
    }
    /// PRBs of `run` that are in the ranges.
    std::int32_t overlap(prb_range run) const noexcept
    {
      std::int32_t sum = 0;
      for (std::size_t i = 0; i < size_; ++i) {
        sum += std::max(0, std::min(run.end, all_[i].end) - std::max(run.begin, all_[i].begin));
      }
      return sum;
    }
    std::size_t size() const noexcept { return size_; }
    prb_range operator[](std::size_t index) const noexcept { return all_[index]; }

  private:
    std::array<prb_range, capacity> all_ = {};
    std::size_t size_ = 0;
  };

  std::int64_t slot = INT64_MIN; ///< number of the slot since sfn0_ns
  std::uint16_t symbols = 0;     ///< bit l: symbol l
  ranges prbs;
};

struct slot_assembler_config {
  std::vector<cell_config> cells;
  std::int32_t udp_port = no_udp_port; ///< eCPRI over UDP is taken on this port, besides Ethernet
  ecpri_size size = ecpri_size::checked;
  std::int32_t reorder_slots = 2;   ///< slots that stay open behind the newest one, 0..64
  std::int32_t max_sections = 4096; ///< of one slot, 1..65535: what the consumer has room for
  /// Per cell: slots open, waiting and in the consumer's hands, reorder_slots + 2..1024.
  std::int32_t nof_stores = 8;
};

/// Checked limits. Immutable.
struct slot_assembler_plan {
  slot_assembler_config config;
};

/// \errors every limit above by name; a static format that an uplink receiver cannot read (modulation); an
/// eAxC that
///         would belong to two ports
result<slot_assembler_plan> plan_slot_assembler(slot_assembler_config config);

} // namespace pado::io
