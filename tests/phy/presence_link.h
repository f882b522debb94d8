// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/presence.h"
#include "tests/phy/pusch_link.h"
#include <vector>

namespace pado::test {

/// A link whose UE sends nothing. dmrs_symbols  empty: the usual ones
inline pusch_link silent_link(int nof_prb,
                              int nof_ports,
                              const std::vector<int>& layers,
                              const std::vector<int>& dmrs_symbols = {})
{
  link_ue ue = flat_ue({0, nof_prb}, layers, 2, nof_ports, 1);
  for (auto& port : ue.paths) {
    for (auto& layer : port) {
      layer.front().gain = 0.0;
    }
  }
  link_config config = basic(nof_ports, 0.0, ue);
  if (!dmrs_symbols.empty()) {
    config.dmrs_symbols = dmrs_symbols;
  }
  return pusch_link(config);
}

/// Of slots with the link's signal and other noise each, the share whose DM-RS are taken for there.
inline double share_present(pusch_link& link, int nof_slots)
{
  int nof_present = 0;
  for (int slot = 0; slot < nof_slots; ++slot) {
    link.add_noise(static_cast<unsigned>(slot + 1));
    link.run_ls();
    link.run_estimate();
    nof_present += phy::is_dmrs_present(link.info(0).presence) ? 1 : 0;
  }
  return static_cast<double>(nof_present) / nof_slots;
}

} // namespace pado::test
