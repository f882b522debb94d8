// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/generate.h"
#include "apps/generate_frames.h"
#include "io/pcap/pcap_writer.h"
#include "io/sigmf/iq_recording.h"
#include <optional>
#include <vector>

namespace pado::apps {

/// Frames of slots that come in order, into a capture that is sorted by time although C-plane and jitter
/// overlap slots.
class frame_output {
public:
  frame_output(io::pcap_writer writer, std::int32_t nof_flows, std::size_t sequence_offset)
      : writer_(std::move(writer)), sequence_(static_cast<std::size_t>(nof_flows)),
        sequence_offset_(sequence_offset)
  {
  }

  /// Numbers the messages of a slot and writes all that are older than safe_ns: nothing older comes any more.
  result<nothing> add(std::vector<timed_frame> frames, std::int64_t safe_ns, generate_summary& count);
  result<nothing> finish();

private:
  result<nothing> write_until(std::int64_t time_ns);

  io::pcap_writer writer_;
  std::vector<std::uint8_t> sequence_;
  std::size_t sequence_offset_;
  std::vector<timed_frame> waiting_;
};

/// Samples of one slot alone, [rx_port][sample].
struct stitched_slot {
  std::size_t index = 0; ///< among the planned slots
  buffer<cf32> memory;
  std::int32_t nof_samples = 0;
};

/// Adds what slots send into their neighbours: late paths into the next slot, early ones into the one before.
class slot_stitcher {
public:
  explicit slot_stitcher(std::int32_t nof_rx_ports) : nof_rx_ports_(nof_rx_ports) {}

  /// Takes a slot; gives the one before, which is then complete.
  std::optional<stitched_slot> push(std::size_t index, std::int64_t slot, const slot_samples_out& samples);
  /// The last one.
  std::optional<stitched_slot> flush() { return std::exchange(before_, std::nullopt); }

private:
  std::int32_t nof_rx_ports_;
  std::optional<stitched_slot> before_;
  std::int64_t before_slot_ = 0;
  buffer<cf32> tail_; ///< [rx_port][sample] behind the slot before
  std::int32_t nof_tail_samples_ = 0;
};

} // namespace pado::apps
