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
constexpr float strong_step = 0.4F; ///< of the received power: more than a channel's own changes leave

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

namespace {

/// Channel of each PRB, row by row (symbol, port, even or odd pilots), and what leads from one to the next.
class prb_channel {
public:
  prb_channel(const std::vector<cf32>& pilots, std::size_t nof_prb)
      : nof_prb_(nof_prb), nof_rows_(2 * pilots.size() / (pilots_per_prb * nof_prb)),
        mean_(nof_rows_ * nof_prb)
  {
    for (std::size_t row = 0; row < nof_rows_; ++row) {
      const cf32* const from = pilots.data() + row / 2 * pilots_per_prb * nof_prb + row % 2;
      for (std::size_t prb = 0; prb < nof_prb; ++prb) {
        const cf32* const at = from + prb * pilots_per_prb;
        mean_[row * nof_prb + prb] = at[0] + at[2] + at[4];
      }
    }
  }

  /// Sum over the rows of conj(channel of prb - 1) * channel of prb, over the mean of both powers.
  cf32 transition(std::size_t prb) const
  {
    cf32 sum;
    float power = 0.0F;
    for (std::size_t row = 0; row < nof_rows_; ++row) {
      const cf32 a = mean_[row * nof_prb_ + prb - 1];
      const cf32 b = mean_[row * nof_prb_ + prb];
      sum += conj(a) * b;
      power += 0.5F * (norm(a) + norm(b));
    }
    return power > 0.0F ? (1.0F / power) * sum : cf32{};
  }

private:
  std::size_t nof_prb_;
  std::size_t nof_rows_;
  std::vector<cf32> mean_; ///< [row][prb]
};

/// Direction in which the channel turns around a place, from some transitions on one side of it.
cf32 direction(const std::vector<cf32>& transitions, std::size_t begin, std::size_t end)
{
  cf32 sum;
  for (std::size_t i = begin; i < end; ++i) {
    sum += transitions[i];
  }
  const float power = norm(sum);
  return power > 0.0F ? (1.0F / std::sqrt(power)) * sum : cf32{};
}

} // namespace

std::vector<channel_step>
find_steps(const slot_spectrum& spectrum, std::int32_t slot, dmrs_identity identity, const dmrs_run& run)
{
  const std::vector<cf32> pilots = aligned_pilots(spectrum, slot, identity, run);
  const auto nof_prb = static_cast<std::size_t>(run.prbs.size());
  std::vector<channel_step> steps;
  if (nof_prb < 2) {
    return steps;
  }
  const prb_channel channel(pilots, nof_prb);
  std::vector<cf32> transitions(nof_prb); // [0] is not used
  for (std::size_t prb = 1; prb < nof_prb; ++prb) {
    transitions[prb] = channel.transition(prb);
  }
  std::vector<float> sizes;
  for (std::size_t prb = 1; prb < nof_prb; ++prb) {
    // A UE turns the channel at the same pace on all its PRBs; at its edge the turn is any.
    const cf32 left = direction(transitions, prb > 3 ? prb - 3 : 1, prb);
    const cf32 right = direction(transitions, prb + 1, std::min(prb + 4, nof_prb));
    const float agreement = std::max((conj(left) * transitions[prb]).re, (conj(right) * transitions[prb]).re);
    sizes.push_back(1.0F - agreement);
  }
  std::vector<float> sorted(sizes);
  std::nth_element(
      sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
  const float usual = sorted[sorted.size() / 2];
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] > 1.3F * usual + 0.01F) {
      steps.push_back({run.prbs.begin + static_cast<std::int32_t>(i) + 1,
                       sizes[i],
                       sizes[i] > strong_step && sizes[i] > 4.0F * usual});
    }
  }
  std::stable_sort(steps.begin(), steps.end(), [](const channel_step& a, const channel_step& b) {
    return a.size > b.size;
  });
  return steps;
}

} // namespace pado::phy
