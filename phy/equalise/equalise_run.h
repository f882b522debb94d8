// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phy/equalise/equalise_body.h"

namespace pado::phy {

/// All tiles one after the other, for any host block.
template <class Block>
void run_equalise(const Block& block,
                  const equalise<backend::cpu>::input& in,
                  const equalise<backend::cpu>::output& out) noexcept
{
  for (int t = 0; t < in.tiles.extent(0); ++t) {
    body::equalise<Block, memory::host>(block, in.tiles(t), in, out.llr.data(), out.quality[t]);
  }
}

/// The same for AVX-512; only where cpu_has_avx512().
void run_equalise_avx512(const equalise<backend::cpu>::input& in,
                         const equalise<backend::cpu>::output& out) noexcept;

} // namespace pado::phy
