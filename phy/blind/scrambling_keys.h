// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace pado::phy {

/// How the scrambling bits of a code word depend on who sends it.
///
/// c(i) is the bit x1(i), which is the same for everybody, plus a sum over GF(2) of some of the 31 bits of
/// c_init = RNTI 2^15 + n_ID. Which ones is the key of i: they follow from running the second register on
/// each start value that has a single one.
///
/// \spec TS 38.211, 5.2.1 and 6.3.1.1
class scrambling_keys {
public:
  /// Bits of c_init that enter c(i): bit 15 + r for bit r of the RNTI, bits 0..9 for n_ID.
  std::uint32_t operator[](std::size_t i) const { return keys_[i]; }
  std::size_t size() const { return keys_.size(); }

  /// Makes keys for the first nof_bits bits, at least.
  void reserve(std::size_t nof_bits);

private:
  std::vector<std::uint32_t> keys_;
  std::uint32_t state_[31] = {}; ///< the next 31 places of the register, from place next_ on
  std::size_t next_ = 0;
};

} // namespace pado::phy
