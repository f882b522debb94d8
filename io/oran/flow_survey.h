// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/oran/compression_guess.h"
#include "io/oran/cplane.h"
#include "io/oran/survey.h"

namespace pado::io {

/// One message of a flow, with what its headers say.
struct surveyed_message {
  std::uint8_t sequence = 0;
  app_header header;
  packet rest; ///< from the application header on
  std::size_t payload_bytes = 0;
  std::int64_t arrival_ns = 0;
};

/// Sequence ids run over all filter indices of an eAxC, plane and direction, so flows share them.
struct sequence_stream {
  sequence_tracker tracker;
  std::array<std::uint64_t, 256> tags{}; ///< [sequence id] what the last message with it was
};

/// Gathers the facts of one flow.
class flow_survey {
public:
  static constexpr std::size_t max_mu = 4;
  /// Slots of 20 ms at the finest numerology: ((frame & 1) * 10 + subframe) * 16 + slotId.
  static constexpr std::size_t nof_slots = 320;

  explicit flow_survey(const flow_key& key) { report_.key = key; }

  void see(const surveyed_message& message, sequence_stream& stream);

  const flow_report& so_far() const noexcept { return report_; }
  /// With what is still held back, and delays for one numerology.
  flow_report finished(std::int32_t mu) const;
  const std::array<std::uint16_t, nof_slots>& symbols_of_slots() const noexcept { return slots_; }
  /// Time from one symbol to the next in the same slot, as arrivals have it.
  const std::vector<float>& symbol_steps_ns() const noexcept { return steps_ns_; }

  /// Delay against the header time at each numerology, for the first message of the capture: the reference.
  static std::array<std::int64_t, max_mu + 1> delays_of(const app_header& header,
                                                        std::int64_t arrival_ns) noexcept;
  void set_priority(std::uint8_t priority) noexcept { report_.priority = priority; }
  void set_reference(const std::array<std::int64_t, max_mu + 1>& reference) noexcept
  {
    reference_ = reference;
  }

private:
  void see_user(const surveyed_message& message);
  void see_control(const surveyed_message& message);
  void see_time(const surveyed_message& message);
  void mark(const app_header& header, std::int32_t nof_symbols) noexcept;
  static void take(flow_report& report, const u_layout& layout, packet sections, bool has_power);
  static void take_power(flow_report& report, const u_section& section);
  void take_held(flow_report& report) const;

  flow_report report_;
  compression_guess guess_;
  std::vector<std::vector<std::byte>> held_; ///< sections of the first messages, until the layout is clear
  bool is_holding_ = true;
  std::array<std::uint16_t, nof_slots> slots_{};
  std::array<std::int64_t, max_mu + 1> reference_{};
  std::array<std::int64_t, max_mu + 1> least_{};
  std::array<std::int64_t, max_mu + 1> most_{};
  std::vector<float> steps_ns_;
  app_header last_header_;
  std::int64_t last_ns_ = 0;
};

} // namespace pado::io
