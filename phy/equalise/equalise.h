// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/result.h"
#include "core/slot.h"
#include "core/view.h"
#include "phy/channel_estimate/channel_estimate.h"
#include <cstdint>

namespace pado::phy {

/// Limits of one cell, fixed at configuration time.
struct equalise_config {
  std::int32_t nof_rx_ports = 0; ///< 1..8
  std::int32_t max_prb = 0;      ///< 1..275
  std::int32_t max_tiles = 0;
  std::int32_t max_pdus = 0;
};

/// Where one PDU's soft bits go. llr(symbol l, subcarrier k, layer i, bit b) lies at
/// llr_begin + ((re_offset[l] + position of k among the PDU's data REs of l) * nof_layers + i) *
/// qam_mod_order + b.
struct equalise_pdu {
  std::int32_t qam_mod_order; ///< 2, 4, 6, 8
  std::int32_t nof_layers;
  prb_range prbs;
  std::uint32_t dmrs_mask;       ///< symbols with DM-RS
  std::int32_t data_res_on_dmrs; ///< per PRB on a DM-RS symbol: 0 (two CDM groups without data) or 6 (the odd
                                 ///< subcarriers)
  std::int32_t re_offset[nof_symbols_per_slot]; ///< data REs before symbol l; -1 where the PDU has no data
  std::int32_t llr_begin;
  std::int32_t words_begin; ///< scrambling bits of the code word, phy/gold
};

/// One layer that is received on a tile.
struct equalise_layer {
  std::int32_t pdu;      ///< index into in.pdus and in.info
  std::int32_t layer;    ///< within the PDU
  std::int32_t h_begin;  ///< estimate of the tile's first subcarrier at the PDU's first DM-RS symbol
  std::int32_t h_stride; ///< from one DM-RS symbol to the next
};

/// A run of PRBs and symbols on which one set of layers is received.
struct equalise_tile {
  prb_range prbs;
  std::int32_t symbol_begin;
  std::int32_t symbol_end;
  std::int32_t nof_layers; ///< 1..4, of one or several PDUs
  equalise_layer layers[max_nof_layers];
};

/// Post-equaliser quality of a tile's layer: sums over its data REs, so that tiles add up.
struct equalise_quality {
  float sum_log2; ///< of log2(1 + SINR)
  float nof_re;
};

/// LLR scale: an int8 value of llr_scale is a log-likelihood ratio of 1. Positive = bit 0. Saturates at
/// +-127.
inline constexpr float llr_scale = 4.0F;

/// A checked configuration. Plain data, host memory, immutable.
struct equalise_plan {
  equalise_config config;
};
result<equalise_plan> plan_equalise(const equalise_config& config);

/// MMSE equaliser, max-log soft demapper and descrambler in one pass: grid in, soft bits of the code word
/// out.
///
/// The noise is whitened by its power per port (mean over the PDUs of a tile). Outputs are unbiased, soft
/// bits are scaled with the SINR after the equaliser.
///
/// in.tiles     [tile]
/// in.pdus      [pdu]
/// in.info      [pdu]                          from phy/channel_estimate: noise, weights, rotation
/// in.grid      [port][symbol][subcarrier]     ch16
/// in.received  [port][symbol][prb]            1 = arrived; size 0: all. A missing port is left out; with all
///                                             missing the LLR is 0 and counts in the quality as SINR 0
/// in.h         [port][estimate]               cf32
/// in.words     [word]                         scrambling bits: bit i of a code word is bit i % 32 of
///                                             words[begin + i / 32]
/// out.llr      [bit]                          int8
/// out.quality  [tile][layer]
///
/// \spec    TS 38.211, 6.3.1.1 to 6.3.1.6, reversed
/// \errors  none in run(): limits come from the plan, the slot program keeps them, and they are asserted
template <backend B>
class equalise {
public:
  struct input {
    view<const equalise_tile, 1, memory_of<B>> tiles;
    view<const equalise_pdu, 1, memory_of<B>> pdus;
    view<const channel_estimate_info, 1, memory_of<B>> info;
    view<const ch16, 3, memory_of<B>> grid;
    view<const std::uint8_t, 3, memory_of<B>> received;
    view<const cf32, 2, memory_of<B>> h;
    view<const std::uint32_t, 1, memory_of<B>> words;
  };
  struct output {
    view<std::int8_t, 1, memory_of<B>> llr;
    view<equalise_quality, 2, memory_of<B>> quality;
  };

  explicit equalise(const equalise_plan& plan) : plan_(plan) {}

  /// Slot path: no allocation, lock, wait, log or throw. On CUDA: enqueues on q and returns.
  void run(const input& in, const output& out, queue<B> q) noexcept;

private:
  equalise_plan plan_;
};
template <>
void equalise<backend::cpu>::run(const input& in, const output& out, queue<backend::cpu> q) noexcept;
template <>
void equalise<backend::cuda>::run(const input& in, const output& out, queue<backend::cuda> q) noexcept;

} // namespace pado::phy
