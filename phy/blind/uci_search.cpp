// SPDX-License-Identifier: Apache-2.0
#include "phy/blind/uci_search.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include "phy/small_block/small_block_decode_body.h"
#include "phy/uci_mux/pusch_cut.h"
#include <algorithm>
#include <array>
#include <cmath>

namespace pado::phy {

namespace {

constexpr std::size_t max_guesses = 4;
constexpr std::int32_t most_bits =
    4; ///< more than two acknowledge several blocks at once: TDD, mostly up to 4
constexpr std::int32_t nof_usual_offsets = 16; ///< rows of TS 38.213, Table 9.3-1 that all releases have

/// A code word with its scrambling: what was sent, and what it stands for.
class scrambled_bits {
public:
  scrambled_bits(const pusch_pdu& pdu, std::span<const std::int8_t> llr) : llr_(llr)
  {
    own_.resize((llr.size() + 31) / 32);
    zero_.resize(own_.size());
    gold_bits(pusch_data_c_init(pdu.rnti, pdu.data_scrambling_id), 0, own_);
    gold_bits(0, 0, zero_);
  }
  std::int32_t size() const { return static_cast<std::int32_t>(llr_.size()); }
  /// As sent.
  std::int32_t raw(std::int32_t bit) const { return bit_of(zero_, bit) ? -value(bit) : value(bit); }
  /// Taken off the scrambling of bit `by`.
  std::int32_t descrambled(std::int32_t bit, std::int32_t by) const
  {
    return bit_of(own_, by) ? -raw(bit) : raw(bit);
  }

private:
  static bool bit_of(const std::vector<std::uint32_t>& words, std::int32_t bit)
  {
    return ((words[static_cast<std::size_t>(bit / 32)] >> (bit % 32)) & 1U) != 0;
  }
  std::int32_t value(std::int32_t bit) const { return llr_[static_cast<std::size_t>(bit)]; }

  std::span<const std::int8_t> llr_;
  std::vector<std::uint32_t> own_, zero_;
};

/// Sums over the REs of HARQ-ACK in one layout. Marks are placeholders: they agree for no block of zeros.
struct ack_sums {
  std::array<std::int64_t, 32> coded = {}; ///< by coded bit
  std::int64_t repeated = 0;               ///< of y, which speaks for coded bit 0
  std::int64_t fixed = 0;                  ///< of x, which are 1: negative soft bits speak for them
  double coded_squares = 0.0;
  double mark_squares = 0.0;
};

ack_sums
sum_ack(const uci_layout& layout, const pusch_pdu& pdu, std::int32_t nof_bits, const scrambled_bits& bits)
{
  ack_sums out;
  for (const uci_symbol& symbol : layout.symbols) {
    for (std::int32_t k = 0; symbol.ack.count > 0 && k < symbol.nof_re; ++k) {
      const uci_re re = content_of(symbol, layout.is_punctured != 0, k);
      for (std::int32_t i = 0; re.ack >= 0 && i < layout.re_bits; ++i) {
        const std::int32_t bit = (symbol.re_begin + k) * layout.re_bits + i;
        const std::int32_t index =
            small_block_index(nof_bits, pdu.qam_mod_order, re.ack * layout.re_bits + i);
        const bool is_repeated = nof_bits == 1 && i % pdu.qam_mod_order == 1;
        const std::int32_t value =
            index < 0 ? bits.raw(bit) : bits.descrambled(bit, is_repeated ? bit - 1 : bit);
        (index < 0     ? out.fixed
         : is_repeated ? out.repeated
                       : out.coded[static_cast<std::size_t>(index)]) += value;
        (index < 0 || is_repeated ? out.mark_squares : out.coded_squares) +=
            static_cast<double>(value) * value;
      }
    }
  }
  return out;
}

/// -ln of the chance that a sum of terms with these squares and random signs is as large.
double evidence(std::int64_t sum, double squares)
{
  const auto value = static_cast<double>(sum);
  return sum > 0 && squares > 0.0 ? value * value / (2.0 * squares) : 0.0;
}

float level_of(const ack_sums& sums, std::int32_t nof_bits)
{
  // Bits that are all 0 are what padding of the block looks like: for that word the marks alone count.
  double best = evidence(sums.repeated - sums.fixed, sums.mark_squares);
  for (std::uint32_t word = 1; word < 1U << nof_bits; ++word) {
    const std::uint32_t code = body::small_block_code(nof_bits, word);
    std::int64_t sum = ((code & 1U) != 0 ? -sums.repeated : sums.repeated) - sums.fixed;
    for (std::size_t i = 0; i < sums.coded.size(); ++i) {
      sum += ((code >> i) & 1U) != 0 ? -sums.coded[i] : sums.coded[i];
    }
    best = std::max(best, evidence(sum, sums.coded_squares + sums.mark_squares));
  }
  return static_cast<float>(best - std::log(2.0) * nof_bits);
}

/// UCI worth trying: as seen before, then every offset.
std::vector<pusch_uci> candidates(std::span<const pusch_uci> known)
{
  std::vector<pusch_uci> out;
  for (const pusch_uci& one : known) {
    if (one.harq_ack_bits > 0 && one.csi1_bits == 0 && one.csi2_bits == 0) {
      out.push_back(one);
    }
  }
  for (std::int32_t nof_bits = 1; nof_bits <= most_bits; ++nof_bits) {
    for (std::int32_t offset = 0; offset < nof_usual_offsets; ++offset) {
      pusch_uci uci;
      uci.harq_ack_bits = static_cast<std::uint16_t>(nof_bits);
      uci.alpha_scaling = 3;
      uci.beta_offset_harq_ack = static_cast<std::uint8_t>(offset);
      out.push_back(uci);
    }
  }
  return out;
}

} // namespace

std::vector<uci_guess>
find_harq_ack(const pusch_pdu& pdu, std::span<const std::int8_t> llr, std::span<const pusch_uci> known)
{
  struct tried_size {
    std::int32_t nof_bits, ack_res, reserved_res;
    bool operator==(const tried_size&) const = default;
  };
  std::vector<uci_guess> out;
  std::vector<tried_size> tried;
  const scrambled_bits bits(pdu, llr);
  for (const pusch_uci& uci : candidates(known)) {
    pusch_pdu trial = pdu;
    trial.uci = uci;
    const auto cut = cut_pusch(trial);
    if (!cut || count_data_res(pdu) * cut.value().uci.re_bits != bits.size()) {
      continue;
    }
    const uci_layout& layout = cut.value().uci;
    const tried_size size = {uci.harq_ack_bits, layout.ack_res, layout.reserved_res};
    if (std::find(tried.begin(), tried.end(), size) != tried.end()) {
      continue;
    }
    tried.push_back(size);
    const float level = level_of(sum_ack(layout, pdu, uci.harq_ack_bits, bits), uci.harq_ack_bits);
    out.push_back({uci, level});
  }
  // One of many places: what chance reaches at the best of them.
  const auto nof_tried = static_cast<float>(std::max<std::size_t>(tried.size(), 1));
  for (uci_guess& guess : out) {
    guess.level -= std::log(nof_tried);
  }
  std::stable_sort(
      out.begin(), out.end(), [](const uci_guess& a, const uci_guess& b) { return a.level > b.level; });
  const auto end =
      std::find_if(out.begin(), out.end(), [](const uci_guess& g) { return g.level < least_uci_level; });
  out.erase(end, out.end());
  out.resize(std::min(out.size(), max_guesses));
  return out;
}

} // namespace pado::phy
