// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/slot_plan.h"
#include "core/view.h"
#include "phy/uci_mux/uci_multiplex.h"
#include <cstdint>
#include <memory>
#include <span>

namespace pado::phy {

/// The carrier that a transmitter sends on.
struct pusch_transmit_config {
  numerology scs;
  std::int32_t nof_prb = 0;        ///< 1..275, width of the grid
  std::int32_t grid_start_crb = 0; ///< CRB of the grid's first PRB
};

struct pusch_transmit_plan {
  pusch_transmit_config config;
};
result<pusch_transmit_plan> plan_pusch_transmit(const pusch_transmit_config& config);

/// Refuses what pusch_transmitter cannot send, names the field.
///
/// Sent is: CP-OFDM, resource allocation type 1, DM-RS type 1 of single symbols, ports 0..3, 1..4 layers,
/// with or without UCI.
result<nothing> check_pusch_pdu(const pusch_pdu& pdu, const pusch_transmit_plan& plan);

/// PUSCH transmitter of a UE: transport block in, resource grid out. Keeps nothing from call to call but
/// memory.
///
/// \spec    TS 38.212, 6.2; TS 38.211, 6.3.1, 6.4.1.1
/// \errors  send(): those of check_pusch_pdu(), a payload or UCI of the wrong length, a grid that is too
/// small
class pusch_transmitter {
public:
  explicit pusch_transmitter(const pusch_transmit_plan& plan);
  ~pusch_transmitter();
  pusch_transmitter(pusch_transmitter&&) noexcept;
  pusch_transmitter& operator=(pusch_transmitter&&) noexcept;

  /// pdu            any redundancy version; every call encodes anew
  /// slot_in_frame  0..slots_per_frame - 1
  /// payload        pdu.tb_size_bytes bytes, bit 0 is the MSB of byte 0
  /// grid           [tx_port][symbol][subcarrier], at least pdu.nof_layers ports; layer i goes to port i. The
  /// REs of the
  ///                allocation are written, the others left as they are. Data REs have a mean power of 1 per
  ///                layer.
  /// uci            as many bits as pdu.uci says
  result<nothing> send(const pusch_pdu& pdu,
                       std::int32_t slot_in_frame,
                       std::span<const std::uint8_t> payload,
                       view<cf32, 3> grid,
                       const uci_payload& uci = {});

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace pado::phy
