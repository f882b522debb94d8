// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/complex.h"
#include <array>
#include <span>

namespace pado::phy {

/// One equalised data RE and its SINR.
struct equalised_re {
  cf32 value; ///< scaled to a constellation of mean power 1
  float sinr = 0.0F;
};

/// Mean log-likelihood of an RE under QPSK, 16QAM, 64QAM and 256QAM, each with all points equally likely.
///
/// The SINR given is taken as an upper bound: each modulation may lower it by the factor that suits it best,
/// so phase noise and errors of the channel estimate do not speak for many points.
std::array<float, 4> modulation_likelihoods(std::span<const equalised_re> res);

} // namespace pado::phy
