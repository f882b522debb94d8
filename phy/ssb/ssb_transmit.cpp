// SPDX-License-Identifier: Apache-2.0
#include "phy/ssb/ssb_transmit.h"
#include "core/limits.h"
#include "phy/gold/gold_sequence.h"
#include "phy/pbch/pbch_payload.h"
#include "phy/ssb/ssb_sequence.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace pado::phy {
namespace {

/// PBCH has symbols 1 and 3 whole, and the outer 48 subcarriers on each side of the SSS in symbol 2.
bool is_pbch(int symbol, int subcarrier)
{
  return symbol == 1 || symbol == 3 || (symbol == 2 && (subcarrier < 48 || subcarrier >= 192));
}

cf32 qpsk(std::uint32_t first_bit, std::uint32_t second_bit)
{
  const float unit = 0.70710678F;
  return {first_bit != 0 ? -unit : unit, second_bit != 0 ? -unit : unit};
}

/// PBCH and its DM-RS, subcarriers first, then symbols.
void map_pbch(const ssb_transmit_config& config, view<cf32, 2> grid)
{
  const pbch_coded bits = encode_pbch(config.content, config.pci, config.nof_candidates);
  const int time_hypothesis =
      config.content.ssb_index + (config.nof_candidates == 4 ? 4 * config.content.half_frame : 0);
  std::array<std::uint32_t, 9> pilots{};
  gold_bits(pbch_dmrs_c_init(config.pci, time_hypothesis), 0, pilots);
  int bit = 0;
  int pilot_bit = 0;
  for (int symbol = 1; symbol < nof_ssb_symbols; ++symbol) {
    for (int subcarrier = 0; subcarrier < nof_ssb_subcarriers; ++subcarrier) {
      if (!is_pbch(symbol, subcarrier)) {
        continue;
      }
      if (subcarrier % 4 == config.pci % 4) {
        const std::uint32_t pair = pilots[pilot_bit / 32] >> (pilot_bit % 32);
        grid(symbol, subcarrier) = qpsk(pair & 1U, (pair >> 1) & 1U);
        pilot_bit += 2;
      } else {
        grid(symbol, subcarrier) = qpsk(bits[bit], bits[bit + 1]);
        bit += 2;
      }
    }
  }
}

/// One sample of a symbol, `seconds` after its useful part began, the lowest subcarrier on frequency 0.
std::complex<double> ofdm_sample(view<const cf32, 1> subcarriers, double scs, double seconds)
{
  const std::complex<double> step = std::polar(1.0, 2.0 * std::numbers::pi * scs * seconds);
  std::complex<double> sum = 0.0;
  for (int k = subcarriers.extent(0) - 1; k >= 0;
       --k) { // Horner's rule in the turn from one subcarrier to the next
    sum = sum * step + std::complex<double>(static_cast<double>(subcarriers(k).re),
                                            static_cast<double>(subcarriers(k).im));
  }
  return sum;
}

} // namespace

result<nothing> map_ssb(const ssb_transmit_config& config, view<cf32, 2> grid)
{
  assert(grid.extent(0) == nof_ssb_symbols && grid.extent(1) == nof_ssb_subcarriers);
  if (auto bad = check_range("ssb_transmit.pci", config.pci, 0, nof_pci - 1)) {
    return *bad;
  }
  if (config.nof_candidates != 4 && config.nof_candidates != 8) {
    return error{"ssb_transmit.nof_candidates",
                 "is " + std::to_string(config.nof_candidates) + ", must be 4 or 8"};
  }
  if (auto bad = check_range(
          "ssb_transmit.content.ssb_index", config.content.ssb_index, 0, config.nof_candidates - 1)) {
    return *bad;
  }
  for (int symbol = 0; symbol < nof_ssb_symbols; ++symbol) {
    std::fill_n(&grid(symbol, 0), nof_ssb_subcarriers, cf32{});
  }
  const sync_sequence pss = pss_sequence(config.pci % 3);
  const sync_sequence sss = sss_sequence(config.pci);
  const float pss_gain = std::pow(10.0F, config.pss_gain_db / 20.0F);
  for (int n = 0; n < nof_sync_subcarriers; ++n) {
    grid(0, first_sync_subcarrier + n) = {pss_gain * pss[n], 0.0F};
    grid(2, first_sync_subcarrier + n) = {sss[n], 0.0F};
  }
  map_pbch(config, grid);
  return nothing{};
}

void add_ssb(const ssb_placement& placement, view<const cf32, 2> grid, view<cf32, 1> samples)
{
  using std::numbers::pi;
  const double rate = static_cast<double>(placement.sample_rate_hz);
  const double scs = placement.scs_hz;
  const double useful = rate / scs;
  const double prefix = useful * 144.0 / 2048.0;
  const double lowest_hz =
      static_cast<double>(placement.ssb_centre_hz - placement.centre_hz) - ssb_centre_subcarrier * scs;
  for (int symbol = 0; symbol < nof_ssb_symbols; ++symbol) {
    const double begin = placement.start_sample + symbol * (useful + prefix);
    const double useful_begin = begin + prefix;
    // The carrier's phase is zero where each useful part begins (5.4). Seen from an oscillator on centre_hz
    // that runs through, it has turned by -centre_hz times that instant.
    const double turns = static_cast<double>(placement.centre_hz) * useful_begin / rate;
    const auto last =
        std::min<std::int64_t>(samples.extent(0), std::llround(std::ceil(begin + useful + prefix)));
    for (auto i = std::max<std::int64_t>(0, std::llround(std::ceil(begin))); i < last; ++i) {
      const double seconds = (static_cast<double>(i) - useful_begin) / rate;
      const double cfo_turns = placement.cfo_hz * static_cast<double>(i) / rate;
      const double phase = 2.0 * pi * (lowest_hz * seconds + cfo_turns - (turns - std::floor(turns)));
      const std::complex<double> value = ofdm_sample(grid[symbol], scs, seconds) *
                                         std::polar(static_cast<double>(placement.amplitude), phase);
      samples(static_cast<std::int32_t>(i)) +=
          cf32{static_cast<float>(value.real()), static_cast<float>(value.imag())};
    }
  }
}

} // namespace pado::phy
