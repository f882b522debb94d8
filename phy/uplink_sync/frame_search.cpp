// SPDX-License-Identifier: Apache-2.0
#include "phy/uplink_sync/frame_search.h"
#include "phy/dmrs_ls/dmrs_ls_body.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include "phy/uplink_sync/sequence_bits.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <memory>
#include <numbers>

namespace pado::phy {

namespace {

constexpr std::int32_t block = nof_subcarriers_per_prb;
constexpr std::int32_t most_blocks = 24; ///< of a stretch: 144 pilots
constexpr float loud = 4.0F;             ///< over the floor
constexpr float quiet = 1e-3F;           ///< of the loudest block: leakage, where there is no noise
constexpr float least_screened = 6.0F;   ///< |sum|^2 / count of rounded products, to be looked at closely

std::int32_t subcarriers_of(const frame_symbol& symbol)
{
  return static_cast<std::int32_t>(symbol.re.size()) / symbol.nof_ports;
}

/// Power of each block of subcarriers, and how unlike even and odd ones are.
struct symbol_power {
  std::vector<float> of_block;
  float sum = 0.0F;
};

symbol_power power_of(const frame_symbol& symbol)
{
  symbol_power out;
  const std::int32_t width = subcarriers_of(symbol);
  for (std::int32_t begin = 0; begin + block <= width; begin += block) {
    float power = 0.0F;
    for (std::int32_t port = 0; port < symbol.nof_ports; ++port) {
      const cf32* const re = symbol.re.data() + static_cast<std::ptrdiff_t>(port) * width + begin;
      for (std::int32_t k = 0; k < block; ++k) {
        power += norm(re[k]);
      }
    }
    out.of_block.push_back(power);
    out.sum += power;
  }
  return out;
}

/// What the search reads of a symbol.
struct prepared_symbol {
  std::size_t index = 0;
  std::int32_t begin = 0; ///< first subcarrier of the stretch; even
  std::int32_t end = 0;
  float imbalance = 1.0F; ///< of the power of the parities: a comb that is empty shows DM-RS
  float power = 0.0F;
};

float least_power(const std::vector<symbol_power>& powers)
{
  std::vector<float> all;
  for (const symbol_power& one : powers) {
    // Silence between pieces of a recording is no floor.
    std::copy_if(
        one.of_block.begin(), one.of_block.end(), std::back_inserter(all), [](float p) { return p > 0.0F; });
  }
  if (all.empty()) {
    return INFINITY;
  }
  std::sort(all.begin(), all.end());
  // Nothing but signal, or nothing but noise: then there is no floor to measure, and all of it is looked at.
  const float floor = all[all.size() / 20];
  const float most = all.back();
  const bool has_floor = all[all.size() / 2] > loud * floor || most > 8.0F * loud * floor;
  return has_floor ? std::max(loud * floor, quiet * most) : quiet * most;
}

/// The loudest blocks of a stretch that is too long to be searched.
void trim(const symbol_power& power, prepared_symbol& out)
{
  const std::int32_t begin = out.begin / block;
  const std::int32_t end = out.end / block;
  float most = -1.0F;
  for (std::int32_t at = begin; at + most_blocks <= end; ++at) {
    float sum = 0.0F;
    for (std::int32_t b = at; b < at + most_blocks; ++b) {
      sum += power.of_block[static_cast<std::size_t>(b)];
    }
    if (sum > most) {
      most = sum;
      out.begin = block * at;
      out.end = block * (at + most_blocks);
    }
  }
}

prepared_symbol prepare(const frame_symbol& symbol, const symbol_power& power, float least)
{
  prepared_symbol out;
  std::int32_t begin = -1;
  const auto count = static_cast<std::int32_t>(power.of_block.size());
  std::int32_t best = 0;
  for (std::int32_t b = 0; b <= count; ++b) {
    const bool is_loud = b < count && power.of_block[static_cast<std::size_t>(b)] > least;
    if (is_loud && begin < 0) {
      begin = b;
    } else if (!is_loud && begin >= 0) {
      if (b - begin > best) {
        best = b - begin;
        out.begin = block * begin;
        out.end = block * b;
      }
      begin = -1;
    }
  }
  trim(power, out);
  float parity[2] = {1e-30F, 1e-30F};
  const std::int32_t width = subcarriers_of(symbol);
  for (std::int32_t k = out.begin; k < out.end; ++k) {
    for (std::int32_t port = 0; port < symbol.nof_ports; ++port) {
      parity[k % 2] += norm(symbol.re[static_cast<std::size_t>(port * width + k)]);
    }
  }
  out.power = parity[0] + parity[1];
  out.imbalance = std::max(parity[0] / parity[1], parity[1] / parity[0]);
  return out;
}

/// Products conj(y(p)) y(p + 2) of one parity of a stretch, added up over the ports.
std::vector<cf32> products_of(const frame_symbol& symbol, std::int32_t begin, std::int32_t end)
{
  const std::int32_t width = subcarriers_of(symbol);
  std::vector<cf32> out;
  for (std::int32_t k = begin; k + 4 < end; k += 2) {
    cf32 sum;
    for (std::int32_t port = 0; port < symbol.nof_ports; ++port) {
      const cf32* const re = symbol.re.data() + static_cast<std::ptrdiff_t>(port) * width + k;
      sum += conj(re[0]) * re[4];
    }
    out.push_back(sum);
  }
  return out;
}

class frame_search {
public:
  frame_search(std::span<const frame_symbol> symbols, const frame_search_config& config)
      : symbols_(symbols), config_(config), period_(7 << config.scs.mu),
        total_(nof_symbols_per_slot * config.scs.slots_per_frame()), bits_(block * (max_nof_prb + 16))
  {
    std::vector<symbol_power> powers;
    for (const frame_symbol& symbol : symbols) {
      powers.push_back(power_of(symbol));
    }
    const float least = least_power(powers);
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      prepared_symbol one = prepare(symbols[i], powers[i], least);
      one.index = i;
      if (one.end - one.begin >= 2 * block) {
        prepared_.push_back(one);
      }
    }
    // DM-RS beside an empty comb first, then loud symbols.
    std::stable_sort(prepared_.begin(), prepared_.end(), [](const auto& a, const auto& b) {
      const bool is_clear = a.imbalance > 2.0F;
      return is_clear != (b.imbalance > 2.0F) ? is_clear : a.power > b.power;
    });
  }

  std::optional<frame_match> run()
  {
    // Where the half subframe begins is known to the symbol more often than not.
    for (std::int32_t i = 0; i < std::min(period_, config_.max_shifts); ++i) {
      const std::int32_t shift = i % 2 == 0 ? i / 2 : -(i + 1) / 2;
      nof_hypotheses_ += 40.0 * static_cast<double>(config_.ids.size() * config_.middles.size());
      std::vector<found> best;
      for (const prepared_symbol& symbol : prepared_) {
        if (best.size() >= static_cast<std::size_t>(config_.max_symbols)) {
          break;
        }
        best.push_back(best_of(symbol, shift));
        if (const std::optional<frame_match> match = accept(best)) {
          return verify(*match);
        }
      }
    }
    return std::nullopt;
  }

private:
  struct found {
    dmrs_identity identity;
    std::int32_t middle = 0;
    std::int32_t first_symbol = 0; ///< of the frame, at position 0
    frame_hit hit;
  };

  found best_of(const prepared_symbol& prepared, std::int32_t shift) const
  {
    const frame_symbol& symbol = symbols_[prepared.index];
    found best;
    best.hit.symbol = prepared.index;
    const std::int32_t in_half = ((symbol.position + shift) % period_ + period_) % period_;
    for (std::int32_t parity = 0; parity < 2; ++parity) {
      const std::vector<cf32> products = products_of(symbol, prepared.begin + parity, prepared.end);
      const quarter_turns turns(products);
      const auto count = static_cast<float>(products.size());
      for (const std::int32_t middle : config_.middles) {
        const std::int32_t crb = prepared.begin + parity - subcarriers_of(symbol) / 2 + middle;
        if (crb < 0) {
          continue;
        }
        for (const std::int32_t id : config_.ids) {
          for (std::int32_t n = 0; n < 40; ++n) {
            found one = {
                {id, n % 2},
                middle,
                0,
                {prepared.index, in_half + n / 2 * period_, prepared.begin + parity, prepared.end, 0.0F, {}}};
            std::array<std::uint64_t, quarter_turns::nof_words> bits = {};
            bits_.piece(c_init_of(one), crb / 2 * 2, bits);
            if (turns.turned_power(bits) > least_screened * count) {
              measure(one);
              best = one.hit.level > best.hit.level ? one : best;
            }
          }
        }
      }
    }
    best.first_symbol = ((best.hit.in_frame - symbol.position) % total_ + total_) % total_;
    return best;
  }

  static std::uint32_t c_init_of(const found& one)
  {
    return pusch_dmrs_c_init(one.hit.in_frame / nof_symbols_per_slot,
                             one.hit.in_frame % nof_symbols_per_slot,
                             one.identity.scrambling_id,
                             one.identity.scid);
  }

  /// Level and turn of a hypothesis.
  void measure(found& one) const
  {
    frame_match match;
    match.identity = one.identity;
    match.middle = one.middle;
    const frame_symbol& symbol = symbols_[one.hit.symbol];
    const std::vector<cf32> channel = channel_of(symbol, match, one.hit);
    const auto nof_pilots = static_cast<std::int32_t>(channel.size()) / symbol.nof_ports;
    cf32 turn;
    float count = 0.0F;
    for (std::int32_t p = 0; p + 2 < nof_pilots; ++p) {
      cf32 product;
      for (std::int32_t port = 0; port < symbol.nof_ports; ++port) {
        const cf32* const h = channel.data() + static_cast<std::ptrdiff_t>(port) * nof_pilots + p;
        product += conj(h[0]) * h[2];
      }
      const float power = norm(product);
      if (power > 0.0F) {
        turn += (1.0F / std::sqrt(power)) * product;
        count += 1.0F;
      }
    }
    one.hit.turn = turn;
    one.hit.level = level_of(turn, count);
  }

  /// The hits that say the same as the last one, if chance does not reach them all.
  std::optional<frame_match> accept(const std::vector<found>& all) const
  {
    const found& last = all.back();
    const float choices = std::log(2.0F * static_cast<float>(all.size()));
    double log_chance = std::log(nof_hypotheses_);
    for (const found& one : all) {
      const bool is_same =
          one.identity == last.identity && one.middle == last.middle && one.first_symbol == last.first_symbol;
      if (is_same && one.hit.level > choices) {
        log_chance += static_cast<double>(choices - one.hit.level);
      }
    }
    if (last.hit.level <= choices || log_chance > static_cast<double>(most_log_chance)) {
      return std::nullopt;
    }
    frame_match match;
    match.identity = last.identity;
    match.middle = last.middle;
    match.first_symbol = last.first_symbol;
    match.log_chance = static_cast<float>(log_chance);
    return match;
  }

  /// Every symbol once more, with this one identity and place in the frame.
  frame_match verify(frame_match match) const
  {
    const float least = std::log(4.0F * static_cast<float>(prepared_.size())) + 2.0F;
    double log_chance = std::log(nof_hypotheses_);
    double weight = 0.0;
    cf32 turn;
    for (const prepared_symbol& prepared : prepared_) {
      found best;
      for (std::int32_t i = 0; i < 4; ++i) {
        found one = {{match.identity.scrambling_id, i / 2}, match.middle, match.first_symbol, {}};
        one.hit.symbol = prepared.index;
        one.hit.begin = prepared.begin + i % 2;
        one.hit.end = prepared.end;
        one.hit.in_frame =
            ((symbols_[prepared.index].position + match.first_symbol) % total_ + total_) % total_;
        measure(one);
        best = one.hit.level > best.hit.level ? one : best;
      }
      if (best.hit.level > least && best.identity == match.identity) {
        log_chance -= static_cast<double>(best.hit.level - least);
        turn += best.hit.turn;
        weight += 1.0;
        match.hits.push_back(best.hit);
      }
    }
    match.log_chance = static_cast<float>(log_chance);
    match.delay_samples = -arg(turn) * static_cast<float>(config_.fft_size) /
                          (8.0F * std::numbers::pi_v<float>)-static_cast<float>(config_.window_advance);
    return match;
  }

  std::span<const frame_symbol> symbols_;
  const frame_search_config& config_;
  std::int32_t period_; ///< symbols of half a subframe
  std::int32_t total_;  ///< symbols of a frame
  sequence_bits bits_;
  std::vector<prepared_symbol> prepared_;
  double nof_hypotheses_ = 0.0;
};

} // namespace

std::vector<cf32> channel_of(const frame_symbol& symbol, const frame_match& match, const frame_hit& hit)
{
  const std::int32_t width = subcarriers_of(symbol);
  const std::int32_t crb = hit.begin - width / 2 + match.middle;
  const std::int32_t nof_pilots = (hit.end - hit.begin + 1) / 2;
  std::vector<cf32> out;
  if (crb < 0) {
    return out;
  }
  std::vector<std::uint32_t> words(static_cast<std::size_t>(2 * nof_pilots / 32 + 1));
  const std::uint32_t c_init = pusch_dmrs_c_init(hit.in_frame / nof_symbols_per_slot,
                                                 hit.in_frame % nof_symbols_per_slot,
                                                 match.identity.scrambling_id,
                                                 match.identity.scid);
  gold_bits(c_init, static_cast<std::uint32_t>(crb / 2 * 2), words);
  const view<const std::uint32_t, 1> bits(words.data(), static_cast<std::int32_t>(words.size()));
  for (std::int32_t port = 0; port < symbol.nof_ports; ++port) {
    const cf32* const re = symbol.re.data() + static_cast<std::ptrdiff_t>(port) * width + hit.begin;
    for (std::int32_t p = 0; p < nof_pilots; ++p) {
      out.push_back(re[2 * p] * conj(body::dmrs_pilot(bits, 0, p)));
    }
  }
  return out;
}

std::optional<frame_match> find_frame(std::span<const frame_symbol> symbols,
                                      const frame_search_config& config)
{
  return symbols.empty() ? std::nullopt : frame_search(symbols, config).run();
}

} // namespace pado::phy
