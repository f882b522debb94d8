// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/channel_estimate/lanes.h"

namespace pado::phy {

/// A host block whose bodies run 16 lanes wide. A type of its own, so that code compiled for AVX-512 never
/// takes the place of the same template compiled for the base.
class host_block_avx512 : public host_block {
public:
  using host_block::host_block;
};
template <>
inline constexpr int lanes_of<host_block_avx512> = 16;

} // namespace pado::phy
