// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/buffer.h"
#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/view.h"
#include <cstdint>
#include <vector>

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
  std::int32_t nof_dmrs;                           ///< DM-RS symbols, 1..4
  std::int32_t dmrs_symbols[max_nof_dmrs_symbols]; ///< in the slot, ascending
  std::int32_t delta[max_nof_layers];              ///< comb of each layer, as in dmrs_ls_task
  float second_sign[max_nof_layers];               ///< w_f(1) of each layer's port, as in dmrs_ls_task
  /// Layer that shares the REs of this one by FD-OCC, in whatever PDU: its task and layer; -1 when it has
  /// them alone.
  std::int32_t peer_task[max_nof_layers];
  std::int32_t peer_layer[max_nof_layers];
  std::int32_t slot_in_subframe; ///< for the symbol times
  float amplitude;               ///< as in dmrs_ls_task: turns noise on in.ls into noise on a data RE
  std::int32_t
      ls_begin; ///< in.ls of layer i, DM-RS symbol d: from ls_begin + (i * nof_dmrs + d) * 6 * nof_prb
  std::int32_t
      h_begin; ///< out.h of layer i, DM-RS symbol d: from h_begin + (i * nof_dmrs + d) * 12 * nof_prb
};

/// What tells whether the DM-RS of a PDU were sent at all, see presence.h.
struct dmrs_presence {
  float ratio;         ///< power of the estimates over what noise alone would leave of it
  float freedom;       ///< independent complex values in the estimates, all ports and layers
  float row_freedom;   ///< of these, in the estimates of one port, layer and time
  float noise_freedom; ///< the same in the noise; 0: not one pilot arrived
};

/// What is measured on the DM-RS of one PDU, and how the equaliser gets from DM-RS symbols to any symbol:
/// h(l) = rotation[l] * sum over d of weight[l][d] * h_d. The turn by the carrier offset is in `rotation`
/// alone: it is taken out of h_d, with the first DM-RS symbol as the place where nothing is turned.
struct channel_estimate_info {
  float noise[max_nof_rx_ports]; ///< noise and interference power per data RE, linear, grid units squared
  float rsrp;                    ///< mean over ports and layers of |h|^2
  float ta_s;                    ///< delay, seconds; positive: late
  float cfo_hz;                  ///< from the turn between DM-RS symbols; 0 with one DM-RS symbol
  float coherence; ///< 0..1: part of the power of the least-squares values that the estimates explain
  dmrs_presence presence;
  float is_static; ///< 1: weights are 1, 0, 0, 0 on all symbols: h_0 is the mean over the DM-RS symbols,
                   ///< the other h_d are not written, and the equaliser computes one inverse
  float weight[nof_symbols_per_slot][max_nof_dmrs_symbols];
  cf32 rotation[nof_symbols_per_slot];
};

/// Where the coefficients of one smoothing filter lie, and what it does to noise.
///
/// A filter of n PRBs (1..8) gives the 12 n subcarriers from the 6 n pilots: coefficient (tap, subcarrier) at
/// begin[delta] + tap * stride + subcarrier. Longer allocations slide the filter of 8 PRBs along.
struct channel_filter {
  std::int32_t begin[2]; ///< by comb
  std::int32_t stride;
  float trace; ///< sum of the weights of pilots on their own estimate
  float norm;  ///< sum of the squared weights of all pilots on all pilots' estimates
  float cross; ///< the same, squares of odd distance counted negative: overlap with the FD-OCC peer's filter
  float trace_step; ///< of each pilot more than 48
  float norm_step;
  float cross_step;
};

/// What the passes over one layer on one port hand on. Powers are sums over `nof` values.
struct channel_measure {
  cf32 neighbour;      ///< lag of one pilot pair, before the delay is taken out
  cf32 lag[4];         ///< lags of 2, 4, 8, 16 pilot pairs of the low-passed pilots, delay taken out
  cf32 cross[6];       ///< DM-RS symbols (0,1), (0,2), (1,2), (0,3), (1,3), (2,3): conj(first) * second
  float pair_power[6]; ///< of the values in `cross`, both symbols
  float power;         ///< of the low-passed pilots of all DM-RS symbols
  float lag_count[4];  ///< how many products are in `lag`, `cross` and `power`: pilots may be missing
  float pair_count[6];
  float power_count;
  float noise;              ///< per pilot, from a band that neither the layer nor its peer fills
  float noise_count;        ///< values it is the mean of
  std::int32_t nof_present; ///< PRBs that arrived, summed over the DM-RS symbols
  std::int32_t nof_covered; ///< PRBs with at least one DM-RS symbol
  float h_power;            ///< of the estimates, per subcarrier of these PRBs
  float
      residual; ///< what the estimates leave of the pilots; 0 where a layer of the PDU has counted it already
  float ls_power;      ///< of the pilots; 0 likewise
  float freedom;       ///< pilots less what the filters adapt to: residual / freedom is the noise of a pilot
  std::int32_t filter; ///< chosen one
};

/// What is decided for one PDU.
struct channel_decision {
  float turns; ///< delay as turns per subcarrier; negative: late
  std::int32_t is_static;
  cf32 unturn[max_nof_dmrs_symbols]; ///< takes out the carrier offset
};

/// A checked configuration and the filters for all classes of channels. Host memory, immutable.
struct channel_estimate_plan {
  channel_estimate_config config;
  std::vector<channel_filter> filters;
  std::vector<float> coefficients;
  std::size_t scratch_bytes = 0; ///< of a block
};
result<channel_estimate_plan> plan_channel_estimate(const channel_estimate_config& config);

/// The plan's tables and the memory between passes, as the bodies see them.
template <memory M>
struct channel_estimate_work {
  view<const channel_filter, 1, M> filters;
  view<const float, 1, M> coefficients;
  view<channel_measure, 3, M> measures; ///< [task][port][layer]
  view<channel_decision, 1, M> decisions;
  float scs_hz = 0.0F;
};

/// Channel on every subcarrier of the DM-RS symbols, and noise, RSRP, delay, CFO.
///
/// Per layer and port: takes the PDU's delay out, smooths over frequency (which also separates the layers of
/// one CDM group), interpolates to all subcarriers and turns the delay back in. Noise is what the estimates
/// of all layers on a pilot RE leave of the received value. CFO comes from the turn between DM-RS symbols
/// over all ports and layers and is taken out of the estimates, so that those of several DM-RS symbols can be
/// averaged or interpolated. docs/channel-estimate.md has the method and its figures.
///
/// Pilots that did not arrive count in none of these: the channel comes from the PDU's other DM-RS symbols,
/// and where a port has none at all it is absent: its channel is 0 there.
///
/// in.tasks     [task]
/// in.ls        [port][pilot]          cf32, from phy/dmrs_ls, 0 where missing
/// in.received  [port][symbol][prb]    1 = arrived; size 0: all
/// out.h        [port][estimate]       cf32, 12 values per PRB, layer and DM-RS symbol
/// out.info     [task]
///
/// \errors  none in run(): limits come from the plan, the slot program keeps them, and they are asserted
template <backend B>
class channel_estimate {
public:
  struct input {
    view<const channel_estimate_task, 1, memory_of<B>> tasks;
    view<const cf32, 2, memory_of<B>> ls;
    view<const std::uint8_t, 3, memory_of<B>> received = {};
  };
  struct output {
    view<cf32, 2, memory_of<B>> h;
    view<channel_estimate_info, 1, memory_of<B>> info;
  };

  /// Allocates everything run() needs; on CUDA copies the tables. May throw std::bad_alloc.
  explicit channel_estimate(const channel_estimate_plan& plan);

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  channel_estimate_work<memory_of<B>> work() const;

  channel_estimate_config config_;
  std::size_t scratch_bytes_ = 0;
  buffer<channel_filter, memory_of<B>> filters_;
  buffer<float, memory_of<B>> coefficients_;
  buffer<channel_measure, memory_of<B>> measures_;
  buffer<channel_decision, memory_of<B>> decisions_;
  buffer<std::byte, memory_of<B>> scratch_; ///< CPU only
};
template <>
channel_estimate<backend::cpu>::channel_estimate(const channel_estimate_plan& plan);
template <>
void channel_estimate<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
channel_estimate<backend::cuda>::channel_estimate(const channel_estimate_plan& plan);
template <>
void channel_estimate<backend::cuda>::run(const input& in,
                                          const output& out,
                                          queue<backend::cuda> q) noexcept;

template <backend B>
channel_estimate_work<memory_of<B>> channel_estimate<B>::work() const
{
  const auto nof_filters = static_cast<std::int32_t>(filters_.size());
  const auto nof_coefficients = static_cast<std::int32_t>(coefficients_.size());
  return {filters_.as(nof_filters),
          coefficients_.as(nof_coefficients),
          measures_.as(config_.max_tasks, config_.nof_rx_ports, max_nof_layers),
          decisions_.as(config_.max_tasks),
          static_cast<float>(config_.scs.scs_hz())};
}

} // namespace pado::phy
