// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/generate_slot.h"
#include "io/oran/uplane_builder.h"
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace pado::apps {

/// A frame on the fronthaul, its sequence id counted from 0 in its slot and flow.
struct timed_frame {
  std::int64_t time_ns = 0;
  std::int32_t flow = 0; ///< rx port of a U-plane message, nof_rx_ports + rx port of a C-plane message
  bool is_lost = false;  ///< took a sequence id, but is not in the capture
  std::vector<std::byte> bytes;
};

/// Time stamp of slot 0 of the simulation, in ns of fronthaul.clock (UTC with `fitted`): a moment at which a
/// gNB that counts SFN from GPS time with gps_alpha and gps_beta is in simulation.first_sfn.
std::int64_t air_time_ns(const scenario_config& scenario);

/// Makes the O-RAN packets of a slot: C-plane type 1 of the DU, U-plane of the RU.
class frame_maker {
public:
  explicit frame_maker(const generate_plan& plan);

  /// rx  [rx_port][symbol][subcarrier]  noise power 1
  std::vector<timed_frame> make(const planned_slot& slot, view<const cf32, 3> rx);

  /// Where the sequence id of a frame lies.
  std::size_t sequence_offset() const { return io::link_header_bytes(to_du_) + 6; }

private:
  struct message_place;
  struct granted_part;
  void add_cplane(const planned_slot& slot, const granted_part& part, std::vector<timed_frame>& to);
  void add_uplane(const planned_slot& slot,
                  const message_place& at,
                  view<const cf32, 3> rx,
                  std::vector<timed_frame>& to);

  const generate_plan& plan_;
  io::link_settings to_du_;
  io::link_settings to_ru_;
  io::iq_format format_;
  std::vector<std::byte> packed_; ///< PRB fields of one symbol
  std::vector<std::byte> frame_;
};

/// Link headers of U-plane, from the RU to the DU.
io::link_settings uplane_link(const scenario_config& scenario);

/// Symbols of a slot's grants, [first, last).
std::pair<int, int> granted_symbols(const std::vector<pusch_pdu>& pdus);

/// PRBs of the grants, sorted and joined where they touch or overlap.
std::vector<prb_range> granted_prbs(const std::vector<pusch_pdu>& pdus, std::int32_t grid_start_crb);

} // namespace pado::apps
