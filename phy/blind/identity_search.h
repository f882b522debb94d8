// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/blind/dmrs_map.h"
#include <optional>
#include <span>
#include <vector>

namespace pado::phy {

/// Where and how widely to look for DM-RS of an unknown identity.
struct identity_search_config {
  prb_range prbs;                        ///< of the grid, occupied; at most max_searched_prb of them are read
  std::span<const std::int32_t> slots;   ///< candidates for the slot of the frame
  std::span<const std::int32_t> symbols; ///< to look on
};
inline constexpr std::int32_t max_searched_prb = 24;

struct identity_match {
  dmrs_identity identity;
  std::int32_t slot = 0;
  std::int32_t symbol = 0;
  std::int32_t comb = 0;
  float level = 0.0F;  ///< as of dmrs_map
  float chance = 1.0F; ///< that noise, or another sequence, reaches this level anywhere in the search
};

/// Best of all 65536 identities and both n_SCID. The received products of pilots are made once; a sequence
/// only turns each of them by a multiple of 90 degrees.
identity_match find_identity(const slot_spectrum& spectrum, const identity_search_config& where);

} // namespace pado::phy
