// SPDX-License-Identifier: Apache-2.0
#include "phy/uplink_sync/carrier_phase.h"
#include "phy/uplink_sync/prefix_search.h"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace pado::phy {

namespace {

constexpr std::int64_t repeats_hz = 1920000; ///< prefixes and symbols are multiples of this rate's sample
constexpr std::int64_t coarse_hz = 200;      ///< a slot of 1 ms holds a fifth of a turn of it
constexpr std::int64_t fine_hz = 10;
constexpr double alike_turns = 0.03;

/// First sample of the useful part of a symbol of the frame, in its subframe.
std::int64_t useful_begin(std::int32_t in_frame, numerology scs, std::int64_t rate)
{
  const std::int32_t per_half = 7 << scs.mu;
  const std::int32_t in_half = in_frame % per_half;
  const std::int32_t half = in_frame / per_half % 2;
  const std::int64_t useful = rate / scs.scs_hz();
  return half * (rate / 2000) + symbol_begin_in_half(scs, rate, in_half + 1) - useful;
}

/// Whether symbols of one slot turn alike with two carriers that are this far apart.
bool turns_alike(std::int64_t apart_hz, numerology scs, std::int64_t rate)
{
  for (std::int32_t symbol = 1; symbol < nof_symbols_per_slot; ++symbol) {
    const std::int64_t samples = useful_begin(symbol, scs, rate) - useful_begin(0, scs, rate);
    const double turns = static_cast<double>(apart_hz * samples % rate) / static_cast<double>(rate);
    if (std::abs(turns - std::round(turns)) > alike_turns) {
      return false;
    }
  }
  return true;
}

} // namespace

std::vector<symbol_turn> symbol_turns(std::span<const frame_symbol> symbols,
                                      const frame_match& match,
                                      numerology scs,
                                      std::int64_t sample_rate_hz)
{
  std::vector<symbol_turn> out;
  for (std::size_t a = 0; a < match.hits.size(); ++a) {
    for (std::size_t b = 0; b < match.hits.size(); ++b) {
      frame_hit from = match.hits[a];
      frame_hit to = match.hits[b];
      const std::int32_t apart = symbols[to.symbol].position - symbols[from.symbol].position;
      const bool is_same_slot = from.in_frame / nof_symbols_per_slot == to.in_frame / nof_symbols_per_slot;
      if (apart <= 0 || apart >= nof_symbols_per_slot || !is_same_slot || (from.begin - to.begin) % 2 != 0) {
        continue;
      }
      from.begin = to.begin = std::max(from.begin, to.begin);
      from.end = to.end = std::min(from.end, to.end);
      if (from.end - from.begin < nof_subcarriers_per_prb) {
        continue;
      }
      const std::vector<cf32> first = channel_of(symbols[from.symbol], match, from);
      const std::vector<cf32> second = channel_of(symbols[to.symbol], match, to);
      cf32 sum;
      float power[2] = {1e-30F, 1e-30F};
      for (std::size_t p = 0; p < first.size(); ++p) {
        sum += conj(first[p]) * second[p];
        power[0] += norm(first[p]);
        power[1] += norm(second[p]);
      }
      out.push_back(
          {useful_begin(to.in_frame, scs, sample_rate_hz) - useful_begin(from.in_frame, scs, sample_rate_hz),
           (1.0F / std::sqrt(power[0] * power[1])) * sum});
    }
  }
  return out;
}

float carrier_agreement(std::span<const symbol_turn> turns,
                        std::int64_t carrier_hz,
                        std::int64_t sample_rate_hz)
{
  double sum = 0.0;
  double most = 1e-30;
  for (const symbol_turn& one : turns) {
    // As phy/ofdm removes it: exp(j 2 pi f t) of the receiver undoes exp(-j 2 pi f t) of the transmitter.
    const std::int64_t part = carrier_hz % sample_rate_hz * one.samples % sample_rate_hz;
    const double angle =
        2.0 * std::numbers::pi * static_cast<double>(part) / static_cast<double>(sample_rate_hz);
    sum += static_cast<double>(one.turn.re) * std::cos(angle) -
           static_cast<double>(one.turn.im) * std::sin(angle);
    most += static_cast<double>(std::sqrt(norm(one.turn)));
  }
  return static_cast<float>(sum / most);
}

std::vector<carrier_candidate> find_carriers(std::span<const symbol_turn> turns,
                                             numerology scs,
                                             std::int64_t sample_rate_hz,
                                             std::size_t most)
{
  std::vector<carrier_candidate> all;
  for (std::int64_t f = 0; f < repeats_hz; f += coarse_hz) {
    all.push_back({f, carrier_agreement(turns, f, sample_rate_hz)});
  }
  std::vector<carrier_candidate> peaks;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const carrier_candidate& before = all[(i + all.size() - 1) % all.size()];
    const carrier_candidate& behind = all[(i + 1) % all.size()];
    if (all[i].agreement < before.agreement || all[i].agreement <= behind.agreement) {
      continue;
    }
    carrier_candidate best = all[i];
    for (std::int64_t f = best.carrier_hz - coarse_hz; f <= all[i].carrier_hz + coarse_hz; f += fine_hz) {
      const std::int64_t at = (f + repeats_hz) % repeats_hz;
      const float agreement = carrier_agreement(turns, at, sample_rate_hz);
      best = agreement > best.agreement ? carrier_candidate{at, agreement} : best;
    }
    peaks.push_back(best);
  }
  std::stable_sort(
      peaks.begin(), peaks.end(), [](const auto& a, const auto& b) { return a.agreement > b.agreement; });
  std::vector<carrier_candidate> out;
  for (const carrier_candidate& one : peaks) {
    const bool is_new = std::none_of(out.begin(), out.end(), [&](const carrier_candidate& other) {
      return turns_alike(one.carrier_hz - other.carrier_hz, scs, sample_rate_hz);
    });
    if (is_new && out.size() < most) {
      out.push_back(one);
    }
  }
  return out;
}

} // namespace pado::phy
