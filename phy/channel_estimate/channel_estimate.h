// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/view.h"
#include <cstdint>

namespace pado::phy {

inline constexpr int max_nof_rx_ports = 8;
inline constexpr int max_nof_layers = 4;
inline constexpr int max_nof_dmrs_symbols = 4;

/// Limits of one cell, fixed at configuration time.
struct channel_estimate_config {
  numerology scs;
  std::int32_t nof_rx_ports = 0; ///< 1..8
  std::int32_t max_prb = 0;      ///< 1..275
  std::int32_t max_tasks = 0;    ///< PUSCH PDUs of one slot
};

/// One PUSCH PDU.
struct channel_estimate_task {
  prb_range prbs;
  std::int32_t nof_layers;
  std::int32_t nof_dmrs;                            ///< DM-RS symbols, 1..4
  std::int32_t dmrs_symbols[max_nof_dmrs_symbols];  ///< in the slot, ascending
  std::int32_t delta[max_nof_layers];               ///< comb of each layer, as in dmrs_ls_task
  float second_sign[max_nof_layers];                ///< w_f(1) of each layer's port, as in dmrs_ls_task
  /// Layer that shares the REs of this one by FD-OCC, in whatever PDU: its task and layer; -1 when it has them alone.
  std::int32_t peer_task[max_nof_layers];
  std::int32_t peer_layer[max_nof_layers];
  std::int32_t slot_in_subframe;                    ///< for the symbol times
  std::int32_t ls_begin; ///< in.ls of layer i, DM-RS symbol d: from ls_begin + (i * nof_dmrs + d) * 6 * nof_prb
  std::int32_t h_begin;  ///< out.h of layer i, DM-RS symbol d: from h_begin + (i * nof_dmrs + d) * 12 * nof_prb
};

/// What is measured on the DM-RS of one PDU, and how the equaliser gets from DM-RS symbols to any symbol:
/// h(l) = rotation[l] * sum over d of weight[l][d] * h_d.
struct channel_estimate_info {
  float noise[max_nof_rx_ports];  ///< noise and interference power per data RE, linear, grid units squared
  float rsrp;                     ///< mean over ports and layers of |h|^2
  float ta_s;                     ///< delay, seconds; positive: late
  float cfo_hz;                   ///< from the turn between DM-RS symbols; 0 with one DM-RS symbol
  float coherence;                ///< 0..1: power of the estimate in the power of the least-squares values
  float is_static;                ///< 1: weights are equal on all symbols, so the equaliser computes one inverse
  float weight[nof_symbols_per_slot][max_nof_dmrs_symbols];
  cf32 rotation[nof_symbols_per_slot];
};

struct channel_estimate_plan {
  channel_estimate_config config;
  // Filter tables are added here: plain host data, made once, uploaded by the CUDA constructor.
};

/// Channel on every subcarrier of the DM-RS symbols, and noise, RSRP, delay, CFO.
///
/// Per layer and port: finds the delay, turns it out, smooths over frequency (which also separates the layers of one CDM
/// group), interpolates to all subcarriers and turns the delay back in. Noise is what the estimates of all layers on a
/// pilot RE leave of the received value. CFO comes from the turn between DM-RS symbols over all ports and layers and is
/// taken out of the weights, so that estimates of several DM-RS symbols can be averaged or interpolated.
///
/// in.tasks   [task]
/// in.ls      [port][pilot]      cf32, from phy/dmrs_ls
/// out.h      [port][estimate]   cf32, 12 values per PRB, layer and DM-RS symbol
/// out.info   [task]
///
/// \errors  none in run()
// The class channel_estimate<B> and plan_channel_estimate() follow the shape of phy/dmrs_ls.

} // namespace pado::phy
