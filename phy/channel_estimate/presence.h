// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/channel_estimate.h"

namespace pado::phy {

/// Whether the DM-RS of a PDU were sent: the power of its channel estimates against what the filters leave of
/// the noise that is measured beside them.
///
/// With noise alone that ratio is distributed as F with twice the degrees of freedom of either, lifted a
/// little because delay and filter are chosen on the same noise. The threshold is its quantile for a false
/// alarm rate of 1 %: of a hundred PUSCH that were not sent, one is taken for sent (measured by
/// bench/dtx_bench: 1.1 % in the mean, at most 4.6 %). 1 PRB near the limit of MCS 0 is often taken for not
/// sent. A layer that shares its REs with a PDU that was sent counts what the filter leaves of that one as
/// its own: then more are taken for sent.
///
/// True as well when nothing can be told: no pilot arrived, or too few to know the noise.
///
/// \spec    none; quantile of F after Paulson, Annals of Mathematical Statistics 13 (1942), 233
bool is_dmrs_present(const dmrs_presence& measured) noexcept;

/// The least ratio of a PDU that was sent. 0 where nothing can be told.
float presence_threshold(const dmrs_presence& measured) noexcept;

} // namespace pado::phy
