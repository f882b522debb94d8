// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/equalise/half_lanes.h"

namespace pado::phy::body {

/// The equaliser of N subcarriers: L layers from Q ports whose noise has power 1.
template <int N, int L, int Q>
struct mmse {
  lanes_c<N> w[L][Q]; ///< unbiased: w h = 1 for the layer itself
  lanes_f<N> sinr[L];
  float capacity[L];     ///< log2(1 + SINR), summed over the subcarriers
  float odd_capacity[L]; ///< over the odd ones
};

/// Lower Cholesky factor of I + H^H H, inverted in place. The diagonal is real.
template <int N, int L, int Q>
PADO_HD inline void invert_gram_root(const lanes_c<N> (&h)[L][Q], lanes_c<N> (&c)[L][L])
{
  for (int i = 0; i < L; ++i) {
    for (int j = 0; j <= i; ++j) {
      lanes_c<N> sum = {splat<N>(i == j ? 1.0F : 0.0F), splat<N>(0.0F)};
      for (int q = 0; q < Q; ++q) {
        sum += conj_mul<N>(h[i][q], h[j][q]);
      }
      c[i][j] = sum;
    }
  }
  for (int j = 0; j < L; ++j) {
    for (int k = 0; k < j; ++k) {
      c[j][j].re -= norm<N>(c[j][k]);
    }
    // Only the inverse of the diagonal is used from here on.
    c[j][j] = {1.0F / root<N>(larger<N>(c[j][j].re, splat<N>(1e-3F))), splat<N>(0.0F)};
    for (int i = j + 1; i < L; ++i) {
      for (int k = 0; k < j; ++k) {
        const lanes_c<N> p = conj_mul<N>(c[j][k], c[i][k]);
        c[i][j].re -= p.re;
        c[i][j].im -= p.im;
      }
      c[i][j] = {c[i][j].re * c[j][j].re, c[i][j].im * c[j][j].re};
    }
  }
  for (int j = 0; j < L; ++j) {
    for (int i = j + 1; i < L; ++i) {
      lanes_c<N> sum = {c[i][j].re * c[j][j].re, c[i][j].im * c[j][j].re};
      for (int k = j + 1; k < i; ++k) {
        sum += mul<N>(c[i][k], c[k][j]);
      }
      c[i][j] = {-(sum.re * c[i][i].re), -(sum.im * c[i][i].re)};
    }
  }
}

/// MMSE weights. With D = diag (I + H^H H)^-1 a layer's SINR is 1 / D - 1 and its bias 1 - D.
template <int N, int L, int Q>
PADO_HD inline void make_mmse(const lanes_c<N> (&h)[L][Q], mmse<N, L, Q>& out)
{
  if constexpr (L == 1) {
    lanes_f<N> gain = {};
    for (int q = 0; q < Q; ++q) {
      gain += norm<N>(h[0][q]);
    }
    const lanes_f<N> inverse = 1.0F / larger<N>(gain, splat<N>(1e-20F));
    for (int q = 0; q < Q; ++q) {
      out.w[0][q] = {inverse * h[0][q].re, -(inverse * h[0][q].im)};
    }
    out.sinr[0] = gain;
  } else {
    lanes_c<N> c[L][L];
    invert_gram_root<N, L, Q>(h, c);
    lanes_f<N> unbias[L];
    for (int i = 0; i < L; ++i) {
      lanes_f<N> d = c[i][i].re * c[i][i].re;
      for (int k = i + 1; k < L; ++k) {
        d += norm<N>(c[k][i]);
      }
      out.sinr[i] = larger<N>(1.0F / d - 1.0F, lanes_f<N>{});
      unbias[i] = 1.0F / larger<N>(1.0F - d, splat<N>(1e-6F));
    }
    for (int q = 0; q < Q; ++q) {
      lanes_c<N> t[L];
      for (int i = 0; i < L; ++i) {
        t[i] = {c[i][i].re * h[i][q].re, -(c[i][i].re * h[i][q].im)};
        for (int k = 0; k < i; ++k) {
          t[i] += conj_mul<N>(h[k][q], c[i][k]);
        }
      }
      for (int i = 0; i < L; ++i) {
        lanes_c<N> sum = {c[i][i].re * t[i].re, c[i][i].re * t[i].im};
        for (int k = i + 1; k < L; ++k) {
          sum += conj_mul<N>(c[k][i], t[k]);
        }
        out.w[i][q] = {unbias[i] * sum.re, unbias[i] * sum.im};
      }
    }
  }
}

} // namespace pado::phy::body
