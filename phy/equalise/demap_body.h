// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/equalise/descramble.h"
#include "phy/equalise/equalise.h"
#include "phy/equalise/half_lanes.h"
#include <algorithm>

namespace pado::phy::body {

/// Four int8 a lane: soft bits 0..3 in low, 4..7 in high.
template <int N>
struct soft_bits {
  lanes_i<N> low{};
  lanes_i<N> high{};
};

/// Max-log soft bit in units of 4 A^2 SINR, A half the distance of neighbouring points: the sum over i <
/// levels of max(0, |t| - 2 i), with the sign of t. t is the distance from the bit's decision threshold in
/// units of A; each further level passed moves the nearest point of the other kind one step away.
template <int N>
PADO_HD inline lanes_f<N> stairs(lanes_f<N> t, int levels)
{
  const lanes_f<N> a = magnitude<N>(t);
  if (levels == 1) {
    return t;
  }
  const lanes_f<N> m = smaller<N>(nearest<N>(0.5F * a - 0.5F), splat<N>(static_cast<float>(levels - 1)));
  const lanes_f<N> s = (m + 1.0F) * (a - m);
  return float_of<N>(bits_of<N>(s) | (bits_of<N>(t) & static_cast<std::int32_t>(0x80000000U)));
}

/// One soft bit, rounded and saturated, into its byte.
template <int N>
PADO_HD inline void put_soft_bit(lanes_f<N> value, int bit, soft_bits<N>& out)
{
  const lanes_f<N> held = larger<N>(smaller<N>(value, splat<N>(127.0F)), splat<N>(-127.0F));
  // The low byte of the sum is the two's complement of the rounded value, see nearest().
  const lanes_i<N> byte = bits_of<N>(held + 12582912.0F) & 0xFF;
  if (bit < 4) {
    out.low |= byte << (8 * bit);
  } else {
    out.high |= byte << (8 * (bit - 4));
  }
}

/// Max-log soft bits of one layer. Exact for the Gray mapping of TS 38.211, 5.1: bits 0, 2, 4, 6 follow the
/// real part, 1, 3, 5, 7 the imaginary part; each pair of bits folds the axis once more.
template <int N, int Qm>
PADO_HD inline soft_bits<N> demap(const lanes_c<N>& x, lanes_f<N> sinr)
{
  constexpr float points = Qm == 2 ? 2.0F : Qm == 4 ? 10.0F : Qm == 6 ? 42.0F : 170.0F; // 1 / A^2
  constexpr float unit = Qm == 2 ? 1.41421356F : Qm == 4 ? 3.16227766F : Qm == 6 ? 6.48074070F : 13.0384048F;
  const lanes_f<N> scale = (4.0F * llr_scale / points) * sinr;
  soft_bits<N> out;
  for (int axis = 0; axis < 2; ++axis) {
    lanes_f<N> t = unit * (axis == 0 ? x.re : x.im);
    int levels = 1 << (Qm / 2 - 1);
    for (int bit = axis; bit < Qm; bit += 2) {
      put_soft_bit<N>(scale * stairs<N>(t, levels), bit, out);
      t = static_cast<float>(levels) - magnitude<N>(t);
      levels /= 2;
    }
  }
  return out;
}

/// Where the soft bits of N neighbouring subcarriers go.
struct soft_bit_place {
  std::int8_t* llr;           ///< of the PDU
  const std::uint32_t* words; ///< scrambling bits of the PDU
  std::int32_t first_bit;     ///< of the first lane's RE and layer
  std::int32_t re_bits;       ///< from one data RE to the next
  bool only_odd; ///< DM-RS symbol: the even subcarriers hold pilots; lane 0 is an even subcarrier
  bool is_odd;   ///< lane 0 is an odd one; only for N = 1
};

/// Bit position of lane i, or -1 where it carries no data.
template <int N>
PADO_HD inline std::int32_t bit_of_lane(const soft_bit_place& place, int i)
{
  if (!place.only_odd) {
    return place.first_bit + i * place.re_bits;
  }
  if constexpr (N == 1) {
    return place.is_odd ? place.first_bit : -1;
  }
  return i % 2 == 1 ? place.first_bit + i / 2 * place.re_bits : -1;
}

/// Soft bits of all lanes as they lie in memory when every lane is a data RE: Qm bytes each, re_bits apart.
template <int N, int Qm>
PADO_HD inline void store_soft_bits(const soft_bits<N>& soft, std::int8_t* to, std::int32_t re_bits)
{
  std::int32_t low[N];
  memcpy(low, &soft.low, sizeof(low));
  if constexpr (Qm == 4) {
    if (re_bits == 4) {
      memcpy(to, low, sizeof(low));
      return;
    }
  }
  if constexpr (Qm <= 4) {
    for (int i = 0; i < N; ++i) {
      memcpy(to + i * re_bits, &low[i], Qm);
    }
  } else {
    std::int32_t high[N];
    memcpy(high, &soft.high, sizeof(high));
    for (int i = 0; i < N; ++i) {
      memcpy(to + i * re_bits, &low[i], 4);
      memcpy(to + i * re_bits + 4, &high[i], Qm - 4);
    }
  }
}

/// Demaps and stores the soft bits of one layer on N subcarriers, of which the first n are there.
template <int N, int Qm>
PADO_HD inline void demap_store(const lanes_c<N>& x, lanes_f<N> sinr, const soft_bit_place& place, int n)
{
  const soft_bits<N> soft = demap<N, Qm>(x, sinr);
  if (n >= N && !place.only_odd) {
    store_soft_bits<N, Qm>(soft, place.llr + place.first_bit, place.re_bits);
    return;
  }
  constexpr int in_low = std::min(Qm, 4);
  std::int32_t low[N];
  std::int32_t high[N];
  memcpy(low, &soft.low, sizeof(low));
  memcpy(high, &soft.high, sizeof(high));
  for (int i = 0; i < N && i < n; ++i) {
    const std::int32_t position = bit_of_lane<N>(place, i);
    if (position >= 0) {
      memcpy(place.llr + position, &low[i], in_low);
      if constexpr (Qm > 4) {
        memcpy(place.llr + position + 4, &high[i], Qm - 4);
      }
    }
  }
}

template <int N>
PADO_HD inline void
demap_any(int qam_mod_order, const lanes_c<N>& x, lanes_f<N> sinr, const soft_bit_place& place, int n)
{
  switch (qam_mod_order) {
  case 2:
    demap_store<N, 2>(x, sinr, place, n);
    break;
  case 4:
    demap_store<N, 4>(x, sinr, place, n);
    break;
  case 6:
    demap_store<N, 6>(x, sinr, place, n);
    break;
  default:
    demap_store<N, 8>(x, sinr, place, n);
    break;
  }
}

/// Takes the scrambling off what N subcarriers of a PDU's layers [layer, layer + nof_layers) have stored.
/// `place` is that of the first of them.
template <int N>
PADO_HD inline void descramble_lanes(const soft_bit_place& place, int nof_bits, int n)
{
  const int count = n < N ? n : N;
  if (nof_bits == place.re_bits && N > 1) {
    // All layers of the PDU: one run.
    const int nof_res = place.only_odd ? count / 2 : count;
    descramble(place.llr, place.words, place.first_bit, nof_res * nof_bits);
    return;
  }
  for (int i = 0; i < count; ++i) {
    const std::int32_t position = bit_of_lane<N>(place, i);
    if (position >= 0) {
      descramble_few(place.llr, place.words, position, nof_bits);
    }
  }
}

} // namespace pado::phy::body
