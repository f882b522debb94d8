// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/identity_search.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace pado::phy {

namespace {

constexpr std::int32_t pilots_per_prb = 6;
constexpr std::int32_t nof_identities = 65536;
constexpr std::int32_t max_words = max_searched_prb * 12 / 32 + 2;

using sequence_words = std::array<std::uint32_t, max_words>;

/// Sequences of any c_init in a few operations: they are linear in its bits, eight at a time.
class sequence_table {
public:
  sequence_table(std::uint32_t first_bit, std::int32_t nof_words) : nof_words_(nof_words)
  {
    gold_bits(0, first_bit, {common_.data(), static_cast<std::size_t>(nof_words)});
    for (std::size_t part = 0; part < 4; ++part) {
      for (std::uint32_t value = 0; value < 256; ++value) {
        const std::uint32_t c_init = (value << (8 * part)) & 0x7fffffffU;
        gold_bits(c_init, first_bit, {parts_[part][value].data(), static_cast<std::size_t>(nof_words)});
        for (std::int32_t w = 0; w < nof_words; ++w) {
          parts_[part][value][static_cast<std::size_t>(w)] ^= common_[static_cast<std::size_t>(w)];
        }
      }
    }
  }

  void make(std::uint32_t c_init, sequence_words& out) const
  {
    const sequence_words& a = parts_[0][c_init & 0xffU];
    const sequence_words& b = parts_[1][c_init >> 8U & 0xffU];
    const sequence_words& c = parts_[2][c_init >> 16U & 0xffU];
    const sequence_words& d = parts_[3][c_init >> 24U];
    for (std::int32_t i = 0; i < nof_words_; ++i) {
      const auto w = static_cast<std::size_t>(i);
      out[w] = common_[w] ^ a[w] ^ b[w] ^ c[w] ^ d[w];
    }
  }

private:
  std::int32_t nof_words_;
  sequence_words common_ = {};
  std::array<std::array<sequence_words, 256>, 4> parts_ = {};
};

/// Unit products of received pilots p and p + 2 of one symbol and comb.
std::vector<cf32>
unit_products(const slot_spectrum& spectrum, std::int32_t symbol, std::int32_t comb, prb_range prbs)
{
  const std::int32_t nof_pilots = pilots_per_prb * prbs.size();
  std::vector<cf32> out(static_cast<std::size_t>(nof_pilots - 2));
  for (std::int32_t p = 0; p + 2 < nof_pilots; ++p) {
    cf32 sum;
    for (std::int32_t port = 0; port < spectrum.nof_ports(); ++port) {
      const cf32* const a = spectrum.row(port, symbol) + nof_subcarriers_per_prb * prbs.begin + comb + 2 * p;
      sum += conj(a[0]) * a[4];
    }
    const float power = norm(sum);
    out[static_cast<std::size_t>(p)] = power > 0.0F ? (1.0F / std::sqrt(power)) * sum : cf32{};
  }
  return out;
}

/// |sum|^2 of the products, each turned back by its sequence values: r(p) conj(r(p + 2)).
float turned_sum(const std::vector<cf32>& products, const sequence_words& words)
{
  constexpr std::array<cf32, 4> unit = {cf32{1, 1}, cf32{-1, 1}, cf32{1, -1}, cf32{-1, -1}};
  cf32 sum;
  for (std::size_t p = 0; p < products.size(); ++p) {
    const cf32 a = unit[words[p / 16] >> (2 * (p % 16)) & 3U];
    const cf32 b = unit[words[(p + 2) / 16] >> (2 * ((p + 2) % 16)) & 3U];
    sum += products[p] * (a * conj(b));
  }
  return 0.25F * norm(sum);
}

/// The products of neighbouring pilots of one symbol, comb by comb.
struct comb_products {
  std::int32_t symbol;
  std::vector<cf32> of[2];
};

/// Both combs against all identities of one slot.
void search_slot(const comb_products& products,
                 std::int32_t slot,
                 sequence_table& table,
                 identity_match& best)
{
  sequence_words words = {};
  const auto count = static_cast<float>(products.of[0].size());
  for (std::int32_t id = 0; id < 2 * nof_identities; ++id) {
    table.make(pusch_dmrs_c_init(slot, products.symbol, id / 2, id % 2), words);
    for (std::int32_t comb = 0; comb < 2; ++comb) {
      const float level = turned_sum(products.of[comb], words) / count;
      if (level > best.level) {
        best = {{id / 2, id % 2}, slot, products.symbol, comb, level, 1.0F};
      }
    }
  }
}

} // namespace

identity_match find_identity(const slot_spectrum& spectrum, const identity_search_config& where)
{
  const prb_range prbs = {where.prbs.begin, std::min(where.prbs.end, where.prbs.begin + max_searched_prb)};
  identity_match best;
  if (prbs.size() < 1) {
    return best;
  }
  const auto first_bit = static_cast<std::uint32_t>(12 * (spectrum.grid_start_crb() + prbs.begin));
  const auto table = std::make_unique<sequence_table>(first_bit, (12 * prbs.size() + 31) / 32);
  double nof_tries = 0.0;
  for (const std::int32_t symbol : where.symbols) {
    const comb_products products = {
        symbol, {unit_products(spectrum, symbol, 0, prbs), unit_products(spectrum, symbol, 1, prbs)}};
    for (const std::int32_t slot : where.slots) {
      search_slot(products, slot, *table, best);
      nof_tries += 4.0 * nof_identities;
    }
  }
  best.chance = static_cast<float>(std::min(1.0, nof_tries * std::exp(-static_cast<double>(best.level))));
  return best;
}

} // namespace pado::phy
