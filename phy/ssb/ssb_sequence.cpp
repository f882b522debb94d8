// SPDX-License-Identifier: Apache-2.0
#include "phy/ssb/ssb_sequence.h"
#include <cassert>

namespace pado::phy {
namespace {

using m_sequence = std::array<std::uint8_t, nof_sync_subcarriers>;

/// x(i + 7) = x(i + tap) + x(i) modulo 2.
m_sequence make_m_sequence(const std::array<std::uint8_t, 7>& start, int tap)
{
  m_sequence x{};
  for (int i = 0; i < nof_sync_subcarriers; ++i) {
    x[i] = i < 7 ? start[i] : x[i - 7 + tap] ^ x[i - 7];
  }
  return x;
}

float sign_of(int bit)
{
  return bit != 0 ? -1.0F : 1.0F;
}

} // namespace

sync_sequence pss_sequence(std::int32_t nid2)
{
  assert(nid2 >= 0 && nid2 < 3);
  const m_sequence x = make_m_sequence({0, 1, 1, 0, 1, 1, 1}, 4);
  sync_sequence d{};
  for (int n = 0; n < nof_sync_subcarriers; ++n) {
    d[n] = sign_of(x[(n + 43 * nid2) % nof_sync_subcarriers]);
  }
  return d;
}

sync_sequence sss_sequence(std::int32_t pci)
{
  assert(pci >= 0 && pci < nof_pci);
  const m_sequence x0 = make_m_sequence({1, 0, 0, 0, 0, 0, 0}, 4);
  const m_sequence x1 = make_m_sequence({1, 0, 0, 0, 0, 0, 0}, 1);
  const int nid1 = pci / 3;
  const int m0 = 15 * (nid1 / 112) + 5 * (pci % 3);
  const int m1 = nid1 % 112;
  sync_sequence d{};
  for (int n = 0; n < nof_sync_subcarriers; ++n) {
    d[n] = sign_of(x0[(n + m0) % nof_sync_subcarriers] ^ x1[(n + m1) % nof_sync_subcarriers]);
  }
  return d;
}

std::uint32_t pbch_dmrs_c_init(std::int32_t pci, std::int32_t time_hypothesis)
{
  const auto i = static_cast<std::uint32_t>(time_hypothesis + 1);
  const auto cell = static_cast<std::uint32_t>(pci);
  return ((i * (cell / 4 + 1)) << 11) + (i << 6) + cell % 4;
}

} // namespace pado::phy
