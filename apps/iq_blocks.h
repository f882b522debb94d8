// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "io/sigmf/iq_recording.h"
#include "phy/uplink_sync/half_subframe.h"
#include "phy/uplink_sync/prefix_search.h"
#include <optional>
#include <vector>

namespace pado::apps {

/// Pieces of a recording half a subframe long, for who does not know yet where its slots lie.
class iq_blocks {
public:
  explicit iq_blocks(io::iq_reader reader)
      : reader_(std::move(reader)), period_(static_cast<std::int32_t>(recording().sample_rate_hz / 2000))
  {
  }

  const io::iq_recording& recording() const { return reader_.recording(); }
  std::int32_t period() const { return period_; } ///< samples of half a subframe

  /// Samples of the file into a row a channel, from `at` on; what lies beyond the segment stays as it is.
  std::optional<error> read(const io::iq_segment& segment,
                            std::int64_t begin,
                            std::int32_t count,
                            view<cf32, 2> out,
                            std::int32_t at);

  /// First samples of the loudest blocks, counted from the begin of the segment: those with a signal, where
  /// some have none.
  std::optional<error>
  find_loud(const io::iq_segment& segment, std::size_t most, std::vector<std::int64_t>& to);

  /// Where the prefixes of each numerology lie, by the blocks named.
  std::optional<error> measure_prefixes(const io::iq_segment& segment,
                                        const std::vector<std::int64_t>& loud,
                                        const std::vector<numerology>& numerologies,
                                        std::vector<phy::prefix_match>& to);

  /// Half subframes that blocks lie in, counted from `begin`, whole ones, loudest first chosen, in order.
  std::vector<std::int64_t> halves_of(const io::iq_segment& segment,
                                      std::int64_t begin,
                                      const std::vector<std::int64_t>& loud,
                                      std::size_t most) const;

  /// These half subframes as symbols, whose positions count from `begin`.
  std::optional<error> transform(const io::iq_segment& segment,
                                 std::int64_t begin,
                                 const std::vector<std::int64_t>& halves,
                                 const phy::half_subframe_config& config,
                                 std::vector<phy::frame_symbol>& to);

private:
  io::iq_reader reader_;
  std::int32_t period_;
  buffer<cf32> block_;
};

/// What a slot's length depends on.
struct slot_grid {
  numerology scs;
  std::int64_t sample_rate_hz = 0;
};

/// A segment from its first whole slot on, which it names (SFN 0), when a half subframe begins at a sample.
///
/// half  number of the half subframe in its frame, 0..19
io::iq_segment
whole_slots(const io::iq_segment& segment, std::int64_t half_begin, std::int32_t half, slot_grid grid);

} // namespace pado::apps
