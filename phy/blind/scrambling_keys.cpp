// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/scrambling_keys.h"

namespace pado::phy {

namespace {
constexpr std::size_t skipped = 1600; // N_C of TS 38.211, 5.2.1
} // namespace

void scrambling_keys::reserve(std::size_t nof_bits)
{
  if (next_ == 0) {
    for (std::uint32_t bit = 0; bit < 31; ++bit) {
      state_[bit] = 1U << bit;
    }
  }
  keys_.reserve(nof_bits);
  // state_[n % 31] holds place n, n = next_ .. next_ + 30; x2(n + 31) takes the room of x2(n).
  while (keys_.size() < nof_bits) {
    const std::size_t at = next_ % 31;
    if (next_ >= skipped) {
      keys_.push_back(state_[at]);
    }
    state_[at] ^= state_[(at + 1) % 31] ^ state_[(at + 2) % 31] ^ state_[(at + 3) % 31];
    ++next_;
  }
}

} // namespace pado::phy
