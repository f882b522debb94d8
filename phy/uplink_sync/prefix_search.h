// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include "core/slot.h"
#include "core/view.h"
#include <cstdint>

namespace pado::phy {

/// Where samples of one useful symbol apart agree as cyclic prefixes would.
struct prefix_match {
  numerology scs;
  std::int32_t half_begin = 0; ///< sample of the period at which a half subframe begins
  float z = 0.0F; ///< the peak over the rms of what lies between symbols; Gaussian noise reaches it at one
                  ///< place with exp(-z^2)
  float cfo_hz = 0.0F; ///< of the carrier, modulo the subcarrier spacing: -scs / 2..scs / 2
  cf32 sum;            ///< of the products on all prefixes
};

/// Highest z that noise has in a search over 3 numerologies, with a chance of about 1e-6.
inline constexpr float least_prefix_z = 5.0F;

/// Whether the numerology has whole samples at this rate, as phy/ofdm wants them.
bool has_whole_samples(numerology scs, std::int64_t sample_rate_hz);

/// First sample of a symbol's prefix in the half subframe; symbol 7 * 2^mu: where the next half begins.
std::int32_t symbol_begin_in_half(numerology scs, std::int64_t sample_rate_hz, std::int32_t symbol);

/// Tries every begin of the half subframe: the sum of the products on its 7 * 2^mu prefixes, the first of
/// which is longer. What is the same everywhere (a carrier, DC) is taken out.
///
/// products  [sample of the period]  of prefix_fold with lag = sample_rate_hz / scs
prefix_match find_prefixes(view<const cf32, 1> products, numerology scs, std::int64_t sample_rate_hz);

} // namespace pado::phy
