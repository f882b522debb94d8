// SPDX-License-Identifier: Apache-2.0
// ctest: property
#include "phy/blind/uci_search.h"
#include "phy/gold/c_init.h"
#include "phy/gold/gold_sequence.h"
#include "phy/uci_mux/pusch_cut.h"
#include "phy/uci_mux/uci_multiplex.h"
#include <algorithm>
#include <doctest/doctest.h>
#include <random>
#include <vector>

using namespace pado;

namespace {

pusch_pdu pdu_with(std::uint8_t qam_mod_order, std::uint16_t harq_ack_bits, std::uint8_t beta)
{
  pusch_pdu pdu;
  pdu.rnti = 0x4601;
  pdu.data_scrambling_id = 17;
  pdu.bwp_size = 52;
  pdu.rb_size = 10;
  pdu.qam_mod_order = qam_mod_order;
  pdu.target_code_rate = 6020;
  pdu.dmrs_symbol_mask = 1U << 2U | 1U << 11U;
  pdu.tb_size_bytes = static_cast<std::uint32_t>(qam_mod_order * 104); // any size that two code blocks share
  pdu.uci.harq_ack_bits = harq_ack_bits;
  pdu.uci.alpha_scaling = 3;
  pdu.uci.beta_offset_harq_ack = beta;
  return pdu;
}

bool bit_of(const std::vector<std::uint32_t>& words, std::size_t bit)
{
  return ((words[bit / 32] >> (bit % 32)) & 1U) != 0;
}

/// Soft bits of a code word of random UL-SCH bits, as soft_bits gives them: the scrambling of c_init 0 taken
/// off.
std::vector<std::int8_t> received(const pusch_pdu& pdu, std::mt19937& random, float noise)
{
  const auto cut = phy::cut_pusch(pdu);
  REQUIRE_MESSAGE(cut, cut.failure().text());
  const auto size = static_cast<std::size_t>(phy::count_data_res(pdu) * pdu.nof_layers * pdu.qam_mod_order);
  const bool has_uci = pdu.uci.is_present();
  std::vector<std::uint8_t> ulsch(has_uci ? static_cast<std::size_t>(cut.value().uci.ulsch_bits()) : size);
  std::vector<std::uint8_t> ack(pdu.uci.harq_ack_bits);
  for (auto* bits : {&ulsch, &ack}) {
    for (std::uint8_t& bit : *bits) {
      bit = static_cast<std::uint8_t>(random() & 1U);
    }
  }
  if (!ack.empty()) {
    ack[0] = 1; // a word of zeros may be padding
  }
  std::vector<std::uint32_t> own((size + 31) / 32);
  std::vector<std::uint32_t> zero(own.size());
  std::vector<std::uint32_t> code(own.size());
  phy::gold_bits(phy::pusch_data_c_init(pdu.rnti, pdu.data_scrambling_id), 0, own);
  phy::gold_bits(0, 0, zero);
  if (has_uci) {
    REQUIRE(phy::multiplex_uci(cut.value().uci, pdu.qam_mod_order, ulsch, {ack, {}, {}}, own, code));
  } else {
    for (std::size_t i = 0; i < size; ++i) {
      code[i / 32] |= std::uint32_t{ulsch[i]} << (i % 32);
    }
  }
  std::normal_distribution<float> normal(0.0F, noise);
  std::vector<std::int8_t> llr(size);
  for (std::size_t i = 0; i < size; ++i) {
    const bool is_one = (bit_of(code, i) != bit_of(own, i)) != bit_of(zero, i);
    llr[i] = static_cast<std::int8_t>(
        std::clamp(20.0F * ((is_one ? -1.0F : 1.0F) + normal(random)), -127.0F, 127.0F));
  }
  return llr;
}

} // namespace

TEST_CASE("uci_search: HARQ-ACK is found where it lies, whatever the offset and the modulation")
{
  std::mt19937 random(7);
  for (const std::uint8_t qm : {std::uint8_t{2}, std::uint8_t{4}, std::uint8_t{6}, std::uint8_t{8}}) {
    for (std::uint16_t nof_bits = 1; nof_bits <= 4; ++nof_bits) {
      for (const std::uint8_t beta : {std::uint8_t{9}, std::uint8_t{11}, std::uint8_t{14}}) {
        CAPTURE(int{qm});
        CAPTURE(nof_bits);
        CAPTURE(int{beta});
        const pusch_pdu sent = pdu_with(qm, nof_bits, beta);
        const auto layout = phy::cut_pusch(sent).value().uci;
        pusch_pdu asked = sent;
        asked.uci = {};
        const auto guesses = phy::find_harq_ack(asked, received(sent, random, 0.4F), {});
        // The same places may have been asked for with another offset; few REs show too little to be first.
        bool is_found = false;
        for (const phy::uci_guess& guess : guesses) {
          pusch_pdu same = asked;
          same.uci = guess.uci;
          const auto other = phy::cut_pusch(same).value().uci;
          is_found = is_found || (guess.uci.harq_ack_bits == nof_bits && other.ack_res == layout.ack_res &&
                                  other.reserved_res == layout.reserved_res);
        }
        if (layout.ack_res * layout.re_bits >= 24) {
          CHECK(is_found);
        }
      }
    }
  }
}

TEST_CASE("uci_search: a code word without HARQ-ACK rarely seems to hold any, as its level says")
{
  std::mt19937 random(8);
  int nof_guesses = 0;
  constexpr int nof_words = 100;
  for (int i = 0; i < nof_words; ++i) {
    const pusch_pdu sent = pdu_with(i % 2 == 0 ? 2 : 6, 0, 0);
    nof_guesses += phy::find_harq_ack(sent, received(sent, random, 0.4F), {}).empty() ? 0 : 1;
  }
  // Level 3 is reached by chance in less than exp(-3) of the words.
  CHECK(nof_guesses <= 10);
}

TEST_CASE("uci_search: of places that are the same, the UCI that was seen before is named")
{
  std::mt19937 random(9);
  const pusch_pdu sent = pdu_with(6, 1, 12);
  pusch_pdu asked = sent;
  asked.uci = {};
  const pusch_uci seen[] = {{1, 0, 0, 2, 12, 3, 4}};
  const auto guesses = phy::find_harq_ack(asked, received(sent, random, 0.2F), seen);
  REQUIRE(!guesses.empty());
  CHECK(guesses[0].uci == seen[0]);
}
