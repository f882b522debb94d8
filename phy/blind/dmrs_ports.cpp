// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/dmrs_ports.h"
#include "phy/gold/c_init.h"
#include <algorithm>
#include <cmath>

namespace pado::phy {

namespace {

constexpr std::int32_t pilots_per_prb = 6;
constexpr float weakest_port = 0.03F; ///< of the stronger one: what a selective channel leaks stays below
constexpr float port_deviations = 4.5F;

/// Pilots of a run without their sequence and delay, one symbol after the other.
///
/// out  [symbol of the mask][port][pilot]
std::vector<cf32>
aligned_pilots(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, const dmrs_run& run)
{
  std::vector<cf32> out;
  std::vector<cf32> pilots;
  const std::int32_t nof_pilots = pilots_per_prb * run.prbs.size();
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    if (((run.dmrs_mask >> symbol) & 1U) == 0) {
      continue;
    }
    const std::uint32_t c_init = pusch_dmrs_c_init(slot, symbol, identity.scrambling_id, identity.scid);
    divide_by_dmrs(spectrum, c_init, symbol, run.comb, run.prbs, pilots);
    for (std::size_t i = 0; i < pilots.size(); ++i) {
      const auto p = static_cast<float>(static_cast<std::int32_t>(i) % nof_pilots);
      out.push_back(pilots[i] * polar(-0.5F * run.turn_rad * p));
    }
  }
  return out;
}

} // namespace

std::vector<std::int32_t>
find_ports(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, const dmrs_run& run)
{
  const std::vector<cf32> pilots = aligned_pilots(spectrum, slot, identity, run);
  const std::int32_t nof_pilots = pilots_per_prb * run.prbs.size();
  const auto nof_ports = static_cast<std::size_t>(spectrum.nof_ports());
  const std::size_t nof_symbols = pilots.size() / (nof_ports * static_cast<std::size_t>(nof_pilots));
  float power[2] = {};
  float variance[2] = {};
  for (std::size_t sign = 0; sign < 2; ++sign) {
    const float second = sign == 0 ? 1.0F : -1.0F;
    for (std::size_t symbol = 0; symbol < nof_symbols; ++symbol) {
      for (std::int32_t p = 0; p + 3 < nof_pilots; p += 2) {
        cf32 sum;
        for (std::size_t port = 0; port < nof_ports; ++port) {
          const cf32* const a =
              pilots.data() + (symbol * nof_ports + port) * static_cast<std::size_t>(nof_pilots) + p;
          sum += conj(a[0] + second * a[1]) * (a[2] + second * a[3]);
        }
        power[sign] += sum.re;
        variance[sign] += 0.5F * norm(sum);
      }
    }
  }
  const std::size_t strong = power[0] >= power[1] ? 0 : 1;
  std::vector<std::int32_t> ports;
  for (std::size_t sign = 0; sign < 2; ++sign) {
    const bool is_there = power[sign] > weakest_port * power[strong] &&
                          power[sign] > port_deviations * std::sqrt(variance[sign]);
    if (sign == strong || is_there) {
      ports.push_back(2 * run.comb + static_cast<std::int32_t>(sign));
    }
  }
  return ports;
}

std::vector<channel_step>
find_steps(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, const dmrs_run& run)
{
  const std::vector<cf32> pilots = aligned_pilots(spectrum, slot, identity, run);
  const auto nof_prb = static_cast<std::size_t>(run.prbs.size());
  const std::size_t nof_rows = pilots.size() / (pilots_per_prb * nof_prb);
  std::vector<channel_step> steps;
  std::vector<float> sizes;
  for (std::size_t prb = 1; prb < nof_prb; ++prb) {
    float change = 0.0F;
    float power = 0.0F;
    for (std::size_t row = 0; row < nof_rows; ++row) {
      const cf32* const at = pilots.data() + row * pilots_per_prb * nof_prb + prb * pilots_per_prb;
      for (std::int32_t parity = 0; parity < 2; ++parity) { // even and odd pilots: FD-OCC may tell two ports
        const cf32 before = at[parity - 2] + at[parity - 4];
        const cf32 behind = at[parity] + at[parity + 2];
        change += norm(before - behind);
        power += norm(before) + norm(behind);
      }
    }
    const float size = power > 0.0F ? change / power : 0.0F;
    steps.push_back({run.prbs.begin + static_cast<std::int32_t>(prb), size});
    sizes.push_back(size);
  }
  if (steps.empty()) {
    return steps;
  }
  std::nth_element(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2), sizes.end());
  const float usual = sizes[sizes.size() / 2];
  steps.erase(std::remove_if(steps.begin(),
                             steps.end(),
                             [&](const channel_step& s) { return s.size < 1.5F * usual + 0.01F; }),
              steps.end());
  std::stable_sort(steps.begin(), steps.end(), [](const channel_step& a, const channel_step& b) {
    return a.size > b.size;
  });
  return steps;
}

} // namespace pado::phy
