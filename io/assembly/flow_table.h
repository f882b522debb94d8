// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/assembly/slot_assembler.h"
#include "io/oran/sequence.h"
#include <optional>
#include <vector>

namespace pado::io {

/// All configured eAxC ids: finds the flow of a message in one look-up and keeps its counters.
class flow_table {
public:
  static constexpr std::int32_t none = -1;

  explicit flow_table(const std::vector<cell_config>& cells);

  /// Which flows a message with this eAxC could belong to, after VLAN and address filters.
  struct match {
    std::int32_t pusch = none;
    std::int32_t prach = none;
    drop_reason why = drop_reason::unknown_flow; ///< of a message that belongs to neither
  };
  enum class sender : std::uint8_t { du, ru };
  /// `link` is null for PDUs that came without one; then cells with filters do not match.
  match find(std::uint16_t eaxc, const link_frame* link, sender by) const noexcept;

  flow_counters& counters(std::int32_t flow) noexcept { return counters_[static_cast<std::size_t>(flow)]; }
  void set_window(std::int32_t cell, const rx_window& window) noexcept;
  std::span<const flow_counters> all() const noexcept { return counters_; }

  enum class stream : std::uint8_t { user, control_uplink, control_downlink };
  /// Books the sequence id of one message.
  void see_sequence(std::int32_t flow, stream of, std::uint8_t sequence) noexcept;
  /// Open holes of all streams become losses.
  void close_sequences() noexcept;

private:
  struct filter {
    std::optional<std::int32_t> vlan;
    std::optional<mac_address> ru;
  };
  /// Why the filters of a cell stop a message, or nothing.
  drop stops(std::size_t cell, const link_frame* link, sender by) const noexcept;
  void add(const flow_counters& flow);
  flow_counters::plane_counters& plane_of(std::int32_t flow, stream of) noexcept;

  std::vector<filter> filters_;         // [cell]
  std::vector<flow_counters> counters_; // [flow]
  std::vector<std::int32_t> next_;      // [flow] another flow with the same eAxC
  std::vector<std::int32_t> first_;     // [eaxc]
  std::vector<std::size_t>
      shared_; // [flow] the flow whose sequence ids it shares: PUSCH and PRACH of an eAxC
  std::vector<std::array<sequence_tracker, 3>> sequences_; // [flow][stream]
};

} // namespace pado::io
