// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/generate_schedule.h"
#include "core/buffer.h"
#include "core/complex.h"
#include "core/view.h"
#include "phy/channel/slot_channel.h"
#include "phy/ofdm/ofdm_modulate.h"
#include "phy/ue/pusch_transmit.h"
#include <memory>
#include <vector>

namespace pado::apps {

/// What all slots of a scenario share: channels with everything random drawn, amplitudes, OFDM.
struct generate_plan {
  scenario_config scenario;
  phy::pusch_transmit_plan transmit;
  phy::ofdm_plan ofdm;                     ///< of propagation samples and recordings
  std::vector<phy::channel_plan> channels; ///< one a UE
  std::vector<std::int32_t> first_tx_port; ///< one a UE: its row among the tx ports of all
  std::int32_t nof_tx_ports = 0;
  /// Integer sample of 16 bits = full_scale * value, where noise has the power 1: the same for all ports and
  /// slots.
  float full_scale = 1.0F;
};

/// Amplitudes: noise has a mean power of 1 per RE, a UE's layers share 10^(snr_db / 10) equally.
/// \errors  what plan_channel() and plan_ofdm() refuse
result<generate_plan> plan_generate(const scenario_config& scenario);

/// Samples of one slot and what reaches into its neighbours.
struct slot_samples_out {
  buffer<cf32> memory; ///< [rx_port][sample], nof_samples each
  std::int32_t nof_samples = 0;
  std::int32_t slot_samples = 0; ///< begin at sample phy::channel_lead_samples
};

/// Makes slots: transmitters, propagation, noise. One object a thread; a slot depends on nothing but the
/// plan.
class slot_maker {
public:
  explicit slot_maker(const generate_plan& plan);

  /// rx  [rx_port][symbol][subcarrier]  noise power 1
  result<nothing> make_grid(const planned_slot& slot, view<cf32, 3> rx);
  result<slot_samples_out> make_samples(const planned_slot& slot);

private:
  result<nothing> transmit(const planned_slot& slot);

  const generate_plan& plan_;
  phy::pusch_transmitter transmitter_;
  phy::ofdm_modulator modulator_;
  buffer<cf32> tx_;         ///< [tx_port][symbol][subcarrier]
  buffer<cf32> tx_samples_; ///< [tx_port][sample]
  phy::slot_channel_grid grid_channel_;
  phy::slot_channel_time time_channel_;
};

} // namespace pado::apps
