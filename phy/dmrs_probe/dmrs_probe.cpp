// SPDX-License-Identifier: Apache-2.0
#include "phy/dmrs_probe/dmrs_probe.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <vector>

namespace pado::phy {

namespace {

constexpr std::int32_t nof_scrambling_ids = 65536;

/// The signal side of the search: one PUSCH's PRBs.
class probe {
public:
  probe(view<const ch16, 3> grid, const pusch_pdu& pdu, std::int32_t grid_start_crb, numerology scs)
      : grid_(grid), first_crb_(pdu.bwp_start + pdu.rb_start), nof_prb_(pdu.rb_size),
        first_subcarrier_(nof_subcarriers_per_prb * (first_crb_ - grid_start_crb)), scs_(scs),
        dmrs_mask_(pdu.dmrs_symbol_mask), words_(static_cast<std::size_t>((12 * nof_prb_ + 31) / 32)),
        pairs_(static_cast<std::size_t>(3 * nof_prb_))
  {
  }

  dmrs_match test(const dmrs_hypothesis& guess)
  {
    cf32 turn;
    float power = 0.0F;
    const std::int32_t moved = guess.symbol - std::countr_zero(dmrs_mask_);
    for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
      const std::int32_t at = symbol + moved;
      if (((dmrs_mask_ >> symbol) & 1U) == 0 || at < 0 || at >= nof_symbols_per_slot) {
        continue;
      }
      make_sequence(guess, at);
      for (std::int32_t port = 0; port < grid_.extent(0); ++port) {
        correlate(guess, port, at, turn, power);
      }
    }
    // A delay of one second turns neighbouring pairs, 4 subcarriers apart, by -2 pi 4 scs.
    const float per_second = -2.0F * std::numbers::pi_v<float> * 4.0F * static_cast<float>(scs_.scs_hz());
    return {guess, power > 0.0F ? std::sqrt(norm(turn)) / power : 0.0F, arg(turn) / per_second};
  }

  /// Coherence that the best of `nof_tries` wrong guesses stays below in all but one of a thousand searches:
  /// the statistic is close to a Rayleigh variable of mean square 1 / terms.
  float chance_level(int nof_tries) const
  {
    const int nof_symbols = std::popcount(static_cast<unsigned>(dmrs_mask_));
    const auto terms = static_cast<float>((3 * nof_prb_ - 1) * grid_.extent(0) * nof_symbols);
    return std::sqrt(std::log(1000.0F * static_cast<float>(nof_tries)) / std::max(terms, 1.0F));
  }

private:
  void make_sequence(const dmrs_hypothesis& guess, std::int32_t symbol)
  {
    const std::uint32_t c_init = pusch_dmrs_c_init(guess.slot, symbol, guess.scrambling_id, guess.scid);
    gold_bits(c_init, static_cast<std::uint32_t>(12 * first_crb_), words_);
  }

  void
  correlate(const dmrs_hypothesis& guess, std::int32_t port, std::int32_t symbol, cf32& turn, float& power)
  {
    const std::int32_t comb = first_subcarrier_ + guess.port / 2;
    const float second_sign = guess.port % 2 == 0 ? 1.0F : -1.0F;
    for (std::int32_t pair = 0; pair < 3 * nof_prb_; ++pair) {
      const cf32 first = divided(port, symbol, comb, 2 * pair);
      const cf32 second = divided(port, symbol, comb, 2 * pair + 1);
      pairs_[static_cast<std::size_t>(pair)] = first + second_sign * second;
    }
    for (std::size_t pair = 0; pair + 1 < pairs_.size(); ++pair) {
      turn += conj(pairs_[pair]) * pairs_[pair + 1];
      power += 0.5F * (norm(pairs_[pair]) + norm(pairs_[pair + 1]));
    }
  }

  cf32 divided(std::int32_t port, std::int32_t symbol, std::int32_t comb, std::int32_t pilot) const
  {
    const std::uint32_t bits = words_[static_cast<std::size_t>(pilot / 16)] >> (2 * (pilot % 16));
    const cf32 r = {(bits & 1U) != 0 ? -1.0F : 1.0F, (bits & 2U) != 0 ? -1.0F : 1.0F};
    return to_cf32(grid_(port, symbol, comb + 2 * pilot)) * conj(r);
  }

  view<const ch16, 3> grid_;
  std::int32_t first_crb_;
  std::int32_t nof_prb_;
  std::int32_t first_subcarrier_;
  numerology scs_;
  std::uint16_t dmrs_mask_;
  std::vector<std::uint32_t> words_;
  std::vector<cf32> pairs_;
};

/// Keeps the best alternative and counts how many were tried.
struct contest {
  probe& signal;
  dmrs_match best = {};
  int nof_tries = 0;

  void enter(const dmrs_hypothesis& guess)
  {
    ++nof_tries;
    const dmrs_match match = signal.test(guess);
    if (match.coherence > best.coherence) {
      best = match;
    }
  }
};

/// Few alternatives, each of which labs get wrong every week.
void enter_usual(contest& tries, const dmrs_hypothesis& given, numerology scs)
{
  for (std::int32_t slot = 0; slot < scs.slots_per_frame(); ++slot) {
    dmrs_hypothesis guess = given;
    guess.slot = slot;
    tries.enter(guess);
  }
  for (std::int32_t symbol = 0; symbol < nof_symbols_per_slot; ++symbol) {
    dmrs_hypothesis guess = given;
    guess.symbol = symbol;
    tries.enter(guess);
  }
  for (std::int32_t port = 0; port < 4; ++port) {
    dmrs_hypothesis guess = given;
    guess.port = port;
    tries.enter(guess);
  }
}

/// Every identity: many, so only a clear match counts.
void enter_identities(contest& tries, const dmrs_hypothesis& given)
{
  for (std::int32_t id = 0; id < nof_scrambling_ids; ++id) {
    for (std::int32_t scid = 0; scid < 2; ++scid) {
      dmrs_hypothesis guess = given;
      guess.scrambling_id = id;
      guess.scid = scid;
      tries.enter(guess);
    }
  }
}

} // namespace

dmrs_finding probe_dmrs(
    view<const ch16, 3> grid, const pusch_pdu& pdu, slot_id slot, numerology scs, std::int32_t grid_start_crb)
{
  probe signal(grid, pdu, grid_start_crb, scs);
  const dmrs_hypothesis given = {slot.slot,
                                 std::countr_zero(pdu.dmrs_symbol_mask),
                                 pdu.dmrs_scrambling_id,
                                 pdu.scid,
                                 std::countr_zero(pdu.dmrs_ports)};
  dmrs_finding finding;
  finding.given = signal.test(given);
  contest usual{signal};
  enter_usual(usual, given, scs);
  finding.chance_level = signal.chance_level(usual.nof_tries);
  const auto is_clear = [&](const contest& tries) {
    return tries.best.coherence >
           std::max(signal.chance_level(tries.nof_tries), 1.5F * finding.given.coherence);
  };
  if (is_clear(usual)) {
    finding.better = usual.best;
    return finding;
  }
  if (finding.given.coherence > finding.chance_level) {
    return finding;
  }
  contest identities{signal};
  enter_identities(identities, given);
  if (is_clear(identities)) {
    finding.better = identities.best;
  }
  return finding;
}

namespace {
std::string two_digits(float value)
{
  const int hundredths = static_cast<int>(std::lround(value * 100.0F));
  return std::to_string(hundredths / 100) + "." + std::to_string(hundredths / 10 % 10) +
         std::to_string(hundredths % 10);
}
} // namespace

std::string explain(const dmrs_finding& finding, const pusch_pdu& pdu)
{
  if (!finding.better) {
    if (finding.given.coherence > finding.chance_level) {
      return "DM-RS matches as scheduled (correlation " + two_digits(finding.given.coherence) +
             "), so the signal is there: look at MCS, TB size, RNTI, data scrambling identity or SINR";
    }
    return "no DM-RS of any slot number, symbol, port, n_SCID or identity is in these PRBs (correlation as "
           "scheduled " +
           two_digits(finding.given.coherence) + "): was it sent, is the timing right, are the PRBs right?";
  }
  const dmrs_hypothesis& found = finding.better->hypothesis;
  const dmrs_hypothesis& given = finding.given.hypothesis;
  const std::string fit = " (correlation " + two_digits(finding.better->coherence) + ", as scheduled " +
                          two_digits(finding.given.coherence) + ")";
  if (found.slot != given.slot) {
    const std::int32_t offset = found.slot - given.slot;
    return "DM-RS matches with slot number " + std::to_string(found.slot) + " instead of " +
           std::to_string(given.slot) + fit + ". Try --slot-offset " + std::to_string(offset);
  }
  if (found.scrambling_id != given.scrambling_id || found.scid != given.scid) {
    return "DM-RS matches with ulDmrsScramblingId " + std::to_string(found.scrambling_id) + ", SCID " +
           std::to_string(found.scid) + " instead of " + std::to_string(pdu.dmrs_scrambling_id) + ", " +
           std::to_string(pdu.scid) + fit + ". Correct the schedule";
  }
  if (found.symbol != given.symbol) {
    return "DM-RS matches on symbol " + std::to_string(found.symbol) + " instead of " +
           std::to_string(given.symbol) + fit + ". Correct ulDmrsSymbPos";
  }
  return "DM-RS matches on port " + std::to_string(found.port) + " instead of " + std::to_string(given.port) +
         fit + ". Correct dmrsPorts";
}

} // namespace pado::phy
