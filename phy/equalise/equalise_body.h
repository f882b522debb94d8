// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/equalise/demap_body.h"
#include "phy/equalise/mmse_body.h"

namespace pado::phy::body {

template <memory M>
using equalise_input = typename phy::equalise<M == memory::host ? backend::cpu : backend::cuda>::input;

/// What holds for a whole tile.
template <memory M>
struct tile_work {
  equalise_input<M> in;
  std::int8_t* llr;
  equalise_tile tile;
  float whiten[max_nof_rx_ports]; ///< 1 / standard deviation of the noise
  bool is_static;
  bool has_gaps; ///< samples of the tile are missing
};

/// Sums over a tile's data REs, by layer.
struct layer_sums {
  float log2[max_nof_layers] = {};

  PADO_HD layer_sums& operator+=(const layer_sums& b)
  {
    for (int i = 0; i < max_nof_layers; ++i) {
      log2[i] += b.log2[i];
    }
    return *this;
  }
};

/// N subcarriers of a tile's channel in one symbol, noise whitened, without the turn by the carrier offset:
/// that is the same for all ports and is taken off after the equaliser.
template <int N, int L, int Q, memory M>
PADO_HD inline void load_channel(const tile_work<M>& work, int symbol, int k, int n, lanes_c<N> (&h)[L][Q])
{
  const int nof_ports = work.in.grid.extent(0);
  for (int i = 0; i < L; ++i) {
    const equalise_layer& layer = work.tile.layers[i];
    const channel_estimate_info& info = work.in.info(layer.pdu);
    for (int q = 0; q < Q; ++q) {
      h[i][q] = lanes_c<N>{};
      if (q >= nof_ports) {
        continue;
      }
      for (int d = 0; d < max_nof_dmrs_symbols; ++d) {
        const float weight = info.weight[symbol][d] * work.whiten[q];
        if (weight != 0.0F) {
          const lanes_c<N> from = load_c<N>(&work.in.h(q, layer.h_begin + d * layer.h_stride + k), n);
          h[i][q] += lanes_c<N>{weight * from.re, weight * from.im};
        }
      }
    }
  }
}

/// 1 in the lanes whose PRB of this port and symbol has arrived.
template <int N, memory M>
PADO_HD inline lanes_f<N> arrived(const tile_work<M>& work, int port, int symbol, int k, int n)
{
  lanes_f<N> mask = {};
  const int first = 12 * work.tile.prbs.begin + k;
  for (int i = 0; i < N; ++i) {
    const float here = i < n && work.in.received(port, symbol, (first + i) / 12) != 0 ? 1.0F : 0.0F;
    if constexpr (N == 1) {
      mask = here;
    } else {
      mask[i] = here;
    }
  }
  return mask;
}

/// Takes ports without samples out of the channel.
template <int N, int L, int Q, memory M>
PADO_HD inline void leave_out_gaps(const tile_work<M>& work, int symbol, int k, int n, lanes_c<N> (&h)[L][Q])
{
  const int nof_ports = work.in.grid.extent(0);
  for (int q = 0; q < Q && q < nof_ports; ++q) {
    const lanes_f<N> mask = arrived<N>(work, q, symbol, k, n);
    for (int i = 0; i < L; ++i) {
      h[i][q] = {h[i][q].re * mask, h[i][q].im * mask};
    }
  }
}

/// Whether the PRBs of N subcarriers from k on have arrived on all ports.
template <int N, memory M>
PADO_HD inline bool is_whole(const tile_work<M>& work, int symbol, int k, int n)
{
  const int first = 12 * work.tile.prbs.begin + k;
  const int last = first + (n < N ? n : N) - 1;
  int missing = 0;
  for (int q = 0; q < work.in.grid.extent(0); ++q) {
    for (int prb = first / 12; prb <= last / 12; ++prb) {
      missing += work.in.received(q, symbol, prb) == 0 ? 1 : 0;
    }
  }
  return missing == 0;
}

/// Samples of N subcarriers through the weights of one layer, the carrier offset taken off.
template <int N, int Q>
PADO_HD inline lanes_c<N> apply(const lanes_c<N> (&w)[Q], const lanes_c<N> (&y)[Q], cf32 rotation)
{
  lanes_c<N> x = {};
  for (int q = 0; q < Q; ++q) {
    x += mul<N>(w[q], y[q]);
  }
  return mul<N>(conj(rotation), x);
}

/// Where a layer's soft bits of the tile's subcarrier k go.
template <memory M>
PADO_HD inline soft_bit_place
place_of(const tile_work<M>& work, const equalise_pdu& pdu, int layer, int symbol, int k)
{
  const bool only_odd = ((pdu.dmrs_mask >> symbol) & 1U) != 0;
  const int in_pdu = 12 * (work.tile.prbs.begin - pdu.prbs.begin) + k;
  const int re = pdu.re_offset[symbol] + (only_odd ? in_pdu / 2 : in_pdu);
  const int re_bits = pdu.nof_layers * pdu.qam_mod_order;
  return {work.llr + pdu.llr_begin,
          &work.in.words(pdu.words_begin),
          re * re_bits + layer * pdu.qam_mod_order,
          re_bits,
          only_odd,
          in_pdu % 2 != 0};
}

/// Sums of log2(1 + SINR) over the first n lanes; `first` tells even subcarriers from odd ones.
template <int N, int L, int Q>
PADO_HD inline void sum_capacity(int first, int n, mmse<N, L, Q>& solved)
{
  for (int i = 0; i < L; ++i) {
    const lanes_f<N> capacity = keep_below<N>(log2_of<N>(1.0F + solved.sinr[i]), n);
    solved.capacity[i] = total<N>(capacity);
    if constexpr (N == 1) {
      solved.odd_capacity[i] = first % 2 != 0 ? capacity : 0.0F;
    } else {
      solved.odd_capacity[i] = 0.0F;
      for (int j = 1; j < N; j += 2) {
        solved.odd_capacity[i] += capacity[j];
      }
    }
  }
}

/// The equaliser of one symbol, for samples that are not whitened.
template <int N, int L, int Q, memory M>
PADO_HD void solve(const tile_work<M>& work, int symbol, int k, int n, bool has_all, mmse<N, L, Q>& solved)
{
  lanes_c<N> h[L][Q];
  load_channel<N, L, Q>(work, symbol, k, n, h);
  if (!has_all) {
    leave_out_gaps<N, L, Q>(work, symbol, k, n, h);
  }
  make_mmse<N, L, Q>(h, solved);
  sum_capacity<N, L, Q>(k, n, solved);
  for (int i = 0; i < L; ++i) {
    for (int q = 0; q < Q; ++q) {
      solved.w[i][q] = {work.whiten[q] * solved.w[i][q].re, work.whiten[q] * solved.w[i][q].im};
    }
  }
}

template <memory M>
PADO_HD inline bool has_data(const tile_work<M>& work, int symbol)
{
  for (int i = 0; i < work.tile.nof_layers; ++i) {
    if (work.in.pdus(work.tile.layers[i].pdu).re_offset[symbol] >= 0) {
      return true;
    }
  }
  return false;
}

/// Takes the scrambling off N subcarriers of all symbols and layers. After all of them, since a load of many
/// bytes right behind the small stores that wrote them stalls a CPU.
template <int N, memory M>
PADO_HD inline void descramble_symbols(const tile_work<M>& work, int k, int n)
{
  const equalise_tile& tile = work.tile;
  int last = 0;
  for (int i = 0; i < tile.nof_layers; i = last) {
    // All layers of one PDU, which lie side by side in a tile.
    const int index = tile.layers[i].pdu;
    const equalise_pdu& pdu = work.in.pdus(index);
    while (last < tile.nof_layers && tile.layers[last].pdu == index) {
      ++last;
    }
    for (int symbol = tile.symbol_begin; symbol < tile.symbol_end; ++symbol) {
      if (pdu.re_offset[symbol] >= 0) {
        descramble_lanes<N>(
            place_of(work, pdu, tile.layers[i].layer, symbol, k), (last - i) * pdu.qam_mod_order, n);
      }
    }
  }
}

/// N subcarriers of a tile from k on, all its symbols.
template <int N, int L, int Q, memory M>
PADO_HD layer_sums equalise_lanes(const tile_work<M>& work, int k, int n)
{
  const equalise_tile& tile = work.tile;
  const int nof_ports = work.in.grid.extent(0);
  const int first = 12 * tile.prbs.begin + k;
  mmse<N, L, Q> solved = {};
  bool is_solved = false; // for all symbols that miss nothing
  layer_sums sums;
  for (int symbol = tile.symbol_begin; symbol < tile.symbol_end; ++symbol) {
    if (!has_data(work, symbol)) {
      continue;
    }
    const bool has_all = !work.has_gaps || is_whole<N>(work, symbol, k, n);
    if (!is_solved || !has_all || !work.is_static) {
      solve<N, L, Q>(work, symbol, k, n, has_all, solved);
      is_solved = has_all;
    }
    lanes_c<N> y[Q] = {};
    for (int q = 0; q < Q && q < nof_ports; ++q) {
      y[q] = load_half<N>(&work.in.grid(q, symbol, first), n);
    }
    for (int i = 0; i < L; ++i) {
      const int index = tile.layers[i].pdu;
      const equalise_pdu& pdu = work.in.pdus(index);
      if (pdu.re_offset[symbol] < 0) {
        continue;
      }
      const soft_bit_place place = place_of(work, pdu, tile.layers[i].layer, symbol, k);
      const lanes_c<N> x = apply<N, Q>(solved.w[i], y, work.in.info(index).rotation[symbol]);
      demap_any<N>(pdu.qam_mod_order, x, solved.sinr[i], place, n);
      sums.log2[i] += place.only_odd ? solved.odd_capacity[i] : solved.capacity[i];
    }
  }
  descramble_symbols<N>(work, k, n);
  return sums;
}

/// Data REs of a tile that a PDU uses.
PADO_HD inline float data_res(const equalise_tile& tile, const equalise_pdu& pdu)
{
  int per_prb = 0;
  for (int symbol = tile.symbol_begin; symbol < tile.symbol_end; ++symbol) {
    if (pdu.re_offset[symbol] >= 0) {
      per_prb += ((pdu.dmrs_mask >> symbol) & 1U) != 0 ? pdu.data_res_on_dmrs : 12;
    }
  }
  return static_cast<float>(per_prb * tile.prbs.size());
}

/// Fewest ports of 1, 2, 4, 8 that hold all: the body is compiled for these, ports that are not there weigh
/// nothing.
template <int N, int L, memory M>
PADO_HD layer_sums equalise_layers(const tile_work<M>& work, int k, int n)
{
  const int nof_ports = work.in.grid.extent(0);
  if (nof_ports == 1) {
    return equalise_lanes<N, L, 1>(work, k, n);
  }
  if (nof_ports == 2) {
    return equalise_lanes<N, L, 2>(work, k, n);
  }
  return nof_ports <= 4 ? equalise_lanes<N, L, 4>(work, k, n) : equalise_lanes<N, L, 8>(work, k, n);
}

template <int N, memory M>
PADO_HD layer_sums equalise_any(const tile_work<M>& work, int k, int n)
{
  switch (work.tile.nof_layers) {
  case 1:
    return equalise_layers<N, 1>(work, k, n);
  case 2:
    return equalise_layers<N, 2>(work, k, n);
  case 3:
    return equalise_layers<N, 3>(work, k, n);
  default:
    return equalise_layers<N, 4>(work, k, n);
  }
}

/// Noise, motion and gaps of a tile.
template <class Block, memory M>
PADO_HD tile_work<M>
look_at_tile(const Block& block, const equalise_tile& tile, const equalise_input<M>& in, std::int8_t* llr)
{
  tile_work<M> work = {in, llr, tile, {}, true, false};
  for (int q = 0; q < in.grid.extent(0); ++q) {
    float noise = 0.0F;
    for (int i = 0; i < tile.nof_layers; ++i) {
      noise += in.info(tile.layers[i].pdu).noise[q] / static_cast<float>(tile.nof_layers);
    }
    work.whiten[q] = 1.0F / sqrtf(fmaxf(noise, 1e-12F));
  }
  for (int i = 0; i < tile.nof_layers; ++i) {
    work.is_static = work.is_static && in.info(tile.layers[i].pdu).is_static > 0.0F;
  }
  if (in.received.size() > 0) {
    const auto received = in.received;
    const int nof_prb = tile.prbs.size();
    const int first_prb = tile.prbs.begin;
    const int first_symbol = tile.symbol_begin;
    const int nof_symbols = tile.symbol_end - tile.symbol_begin;
    const int missing = block.template sum<int>(in.grid.extent(0) * nof_symbols, [=](int i) {
      const std::uint8_t* row = &received(i / nof_symbols, first_symbol + i % nof_symbols, first_prb);
      int count = 0;
      for (int prb = 0; prb < nof_prb; ++prb) {
        count += row[prb] == 0 ? 1 : 0;
      }
      return count;
    });
    work.has_gaps = missing > 0;
  }
  return work;
}

template <class Block, memory M>
PADO_HD void equalise(const Block& block,
                      const equalise_tile& tile,
                      const equalise_input<M>& in,
                      std::int8_t* llr,
                      view<equalise_quality, 1, M> quality)
{
  constexpr int N = lanes_of<Block>;
  const tile_work<M> work = look_at_tile<Block, M>(block, tile, in, llr);
  const int nof_subcarriers = 12 * tile.prbs.size();
  const layer_sums sums = block.template sum<layer_sums>((nof_subcarriers + N - 1) / N, [=](int c) {
    return equalise_any<N>(work, N * c, nof_subcarriers - N * c);
  });
  block.single([&] {
    for (int i = 0; i < tile.nof_layers; ++i) {
      quality(i) = {sums.log2[i], data_res(tile, in.pdus(tile.layers[i].pdu))};
    }
  });
}

} // namespace pado::phy::body
